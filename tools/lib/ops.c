// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The family's operations, one function each. A request carries the key of
 * each object, and the attributes that configure it where that is asked for;
 * what the kernel only answers is left out, so that an object can be sent
 * back as it was received.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "sock.h"
#include "tx.h"

static void put_service(struct sluice_request *req,
			const struct sluice_service *service, uint32_t mask)
{
	if (service)
		sluice_put(&req->nlh, SLUICE_A_SERVICE, &sluice_service_attrs,
			   service, mask);
}

static void put_backend(struct sluice_request *req,
			const struct sluice_backend *backend, uint32_t mask)
{
	sluice_put(&req->nlh, SLUICE_A_BACKEND, &sluice_backend_attrs, backend,
		   mask);
}

static void put_flow(struct sluice_request *req, const struct sluice_flow *key)
{
	sluice_put(&req->nlh, SLUICE_A_FLOW, &sluice_flow_attrs, key,
		   SLUICE_FLOW_KEY);
}

static int decode_answer(const struct nlmsghdr *nlh, void *arg)
{
	return sluice_decode(nlh, arg);
}

/* Do a request and decode its one answer. */
static int get(struct sluice_sock *sock, struct sluice_request *req,
	       struct sluice_msg *msg, struct sluice_error *err)
{
	memset(msg, 0, sizeof(*msg));
	return sluice_sock_ask(sock, &req->nlh, decode_answer, msg, err);
}

/**
 * sluice_service_new - create a service or change one
 * @sock: the socket
 * @service: its key and what is to be set
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_service_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       unsigned int flags, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_SERVICE_NEW,
			    NLM_F_ACK | flags);
	put_service(&req, service, SLUICE_SERVICE_KEY | SLUICE_SERVICE_CONFIG);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_service_del - delete a service with its backends
 * @sock: the socket
 * @key: the service
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_service_del(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_SERVICE_DEL, NLM_F_ACK);
	put_service(&req, key, SLUICE_SERVICE_KEY);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_service_get - get one service
 * @sock: the socket
 * @key: the service
 * @service: where to put it
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_service_get(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_service *service,
		       struct sluice_error *err)
{
	struct sluice_request req;
	struct sluice_msg msg;
	int ret;

	sluice_request_init(&req, sock, SLUICE_CMD_SERVICE_GET, NLM_F_ACK);
	put_service(&req, key, SLUICE_SERVICE_KEY);
	ret = get(sock, &req, &msg, err);
	if (!ret)
		*service = msg.service;
	return ret;
}

/**
 * sluice_service_dump - get all services
 * @sock: the socket
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_service_dump(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_SERVICE_GET, 0);
	return sluice_sock_dump(sock, &req, fn, arg, err);
}

/**
 * sluice_service_flush - delete all services
 * @sock: the socket
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_service_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_SERVICE_FLUSH, NLM_F_ACK);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_backend_new - create a backend of a service or change one
 * @sock: the socket
 * @service: the service
 * @backend: its key and what is to be set
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_backend_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *backend,
		       unsigned int flags, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_BACKEND_NEW,
			    NLM_F_ACK | flags);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	put_backend(&req, backend, SLUICE_BACKEND_KEY | SLUICE_BACKEND_CONFIG);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_backend_del - delete a backend
 * @sock: the socket
 * @service: its service
 * @key: the backend
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_backend_del(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_BACKEND_DEL, NLM_F_ACK);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	put_backend(&req, key, SLUICE_BACKEND_KEY);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_backend_get - get one backend
 * @sock: the socket
 * @service: its service
 * @key: the backend
 * @backend: where to put it
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_backend_get(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_backend *backend,
		       struct sluice_error *err)
{
	struct sluice_request req;
	struct sluice_msg msg;
	int ret;

	sluice_request_init(&req, sock, SLUICE_CMD_BACKEND_GET, NLM_F_ACK);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	put_backend(&req, key, SLUICE_BACKEND_KEY);
	ret = get(sock, &req, &msg, err);
	if (!ret)
		*backend = msg.backend;
	return ret;
}

/**
 * sluice_backend_dump - get the backends of one service or of all
 * @sock: the socket
 * @service: the service; NULL for all
 * @fn: called for each; the message also carries the service's key
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_backend_dump(struct sluice_sock *sock,
			const struct sluice_service *service,
			sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_BACKEND_GET, 0);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	return sluice_sock_dump(sock, &req, fn, arg, err);
}

/**
 * sluice_backend_flush - delete all backends of a service
 * @sock: the socket
 * @service: the service
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_backend_flush(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_BACKEND_FLUSH, NLM_F_ACK);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_flow_get - get the flow that has a tuple
 * @sock: the socket
 * @key: protocol, and the tuple as orig or as reply
 * @flow: where to put it
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_flow_get(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_flow *flow, struct sluice_error *err)
{
	struct sluice_request req;
	struct sluice_msg msg;
	int ret;

	sluice_request_init(&req, sock, SLUICE_CMD_FLOW_GET, NLM_F_ACK);
	put_flow(&req, key);
	ret = get(sock, &req, &msg, err);
	if (!ret)
		*flow = msg.flow;
	return ret;
}

/**
 * sluice_flow_del - forget the flow that has a tuple
 * @sock: the socket
 * @key: protocol, and the tuple as orig or as reply
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_flow_del(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_FLOW_DEL, NLM_F_ACK);
	put_flow(&req, key);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_flow_dump - get the flows of one service or all
 * @sock: the socket
 * @service: the service; NULL for all flows
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_flow_dump(struct sluice_sock *sock,
		     const struct sluice_service *service,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_FLOW_GET, 0);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	return sluice_sock_dump(sock, &req, fn, arg, err);
}

/**
 * sluice_flow_flush - forget the flows of one service or all
 * @sock: the socket
 * @service: the service; NULL for all flows
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_flow_flush(struct sluice_sock *sock,
		      const struct sluice_service *service,
		      struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_FLOW_FLUSH, NLM_F_ACK);
	put_service(&req, service, SLUICE_SERVICE_KEY);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_explain - ask what would become of a packet
 * @sock: the socket
 * @question: its protocol and tuple, maybe the device it comes from
 * @answer: where to put what comes of it, and the service, backend and flow
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_explain(struct sluice_sock *sock,
		   const struct sluice_explain *question,
		   struct sluice_msg *answer, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_EXPLAIN, NLM_F_ACK);
	sluice_put(&req.nlh, SLUICE_A_EXPLAIN, &sluice_explain_attrs, question,
		   SLUICE_EXPLAIN_QUESTION);
	return get(sock, &req, answer, err);
}

/**
 * sluice_stats_get - get the namespace's counters
 * @sock: the socket
 * @stats: where to put them
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_stats_get(struct sluice_sock *sock, struct sluice_stats *stats,
		     struct sluice_error *err)
{
	struct sluice_request req;
	struct sluice_msg msg;
	int ret;

	sluice_request_init(&req, sock, SLUICE_CMD_STATS_GET, NLM_F_ACK);
	ret = get(sock, &req, &msg, err);
	if (!ret)
		*stats = msg.stats;
	return ret;
}

/**
 * sluice_settings_get - get the namespace's settings
 * @sock: the socket
 * @settings: where to put them
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_settings_get(struct sluice_sock *sock,
			struct sluice_settings *settings,
			struct sluice_error *err)
{
	struct sluice_request req;
	struct sluice_msg msg;
	int ret;

	sluice_request_init(&req, sock, SLUICE_CMD_SETTINGS_GET, NLM_F_ACK);
	ret = get(sock, &req, &msg, err);
	if (!ret)
		*settings = msg.settings;
	return ret;
}

/**
 * sluice_settings_set - change settings
 * @sock: the socket
 * @settings: those to change
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_settings_set(struct sluice_sock *sock,
			const struct sluice_settings *settings,
			struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_SETTINGS_SET, NLM_F_ACK);
	sluice_put(&req.nlh, SLUICE_A_SETTINGS, &sluice_settings_attrs,
		   settings, SLUICE_SETTINGS_ALL);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/**
 * sluice_tx_commit - do a transaction
 * @sock: the socket
 * @tx: the transaction, of which nothing is done if this fails
 * @err: says why it failed, and which change is at fault
 *
 * Return: 0 or -errno.
 */
int sluice_tx_commit(struct sluice_sock *sock, struct sluice_tx *tx,
		     struct sluice_error *err)
{
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(tx->nlh);
	int ret;

	tx->nlh->nlmsg_type = sock->family;
	tx->nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl->cmd = SLUICE_CMD_TRANSACTION;
	genl->version = SLUICE_FAMILY_VERSION;
	sluice_sock_make_room(sock, tx->nlh->nlmsg_len);
	ret = sluice_sock_ask(sock, tx->nlh, NULL, NULL, err);
	if (ret == -EMSGSIZE && !err->change)
		sluice_error_set(err, ret,
				 "a transaction of %u bytes is more than may be sent: net.core.wmem_max limits it without CAP_NET_ADMIN in the initial user namespace",
				 tx->nlh->nlmsg_len);
	return ret;
}
