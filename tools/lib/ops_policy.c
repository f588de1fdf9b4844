// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The family's operations on identities, rules, subjects and devices, one
 * function each; as in ops.c, what the kernel only answers is left out of a
 * request.
 */
#include <libmnl/libmnl.h>

#include "sock.h"

static void put_object(struct sluice_request *req, enum sluice_a type,
		       const void *obj, uint32_t mask)
{
	sluice_put(&req->nlh, type, sluice_main_attrs.attr[type].nested, obj,
		   mask);
}

/* A change of one object. */
static int do_object(struct sluice_sock *sock, uint8_t cmd, unsigned int flags,
		     enum sluice_a type, const void *obj, uint32_t mask,
		     struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, cmd, NLM_F_ACK | flags);
	put_object(&req, type, obj, mask);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

static int flush(struct sluice_sock *sock, uint8_t cmd,
		 struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, cmd, NLM_F_ACK);
	return sluice_sock_ask(sock, &req.nlh, NULL, NULL, err);
}

/* What there is of one subject, or of all. */
static int dump_of_subject(struct sluice_sock *sock, uint8_t cmd,
			   const uint32_t *id, sluice_msg_fn fn, void *arg,
			   struct sluice_error *err)
{
	struct sluice_subject subject = { .has = SLUICE_SUBJECT_KEY };
	struct sluice_request req;

	sluice_request_init(&req, sock, cmd, 0);
	if (id) {
		subject.id = *id;
		put_object(&req, SLUICE_A_SUBJECT, &subject,
			   SLUICE_SUBJECT_KEY);
	}
	return sluice_sock_dump(sock, &req, fn, arg, err);
}

/**
 * sluice_identity_new - give an identity to a prefix or change how
 * @sock: the socket
 * @identity: its key and what is to be set; the rest is as for a new one
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_identity_new(struct sluice_sock *sock,
			const struct sluice_identity *identity,
			unsigned int flags, struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_IDENTITY_NEW, flags,
			 SLUICE_A_IDENTITY, identity,
			 SLUICE_IDENTITY_KEY | SLUICE_IDENTITY_CONFIG, err);
}

/**
 * sluice_identity_del - take an identity from a prefix
 * @sock: the socket
 * @key: prefix and number
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_identity_del(struct sluice_sock *sock,
			const struct sluice_identity *key,
			struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_IDENTITY_DEL, 0, SLUICE_A_IDENTITY,
			 key, SLUICE_IDENTITY_KEY, err);
}

/**
 * sluice_identity_dump - get the identities of one prefix or of all
 * @sock: the socket
 * @prefix: the prefix; NULL for all
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_identity_dump(struct sluice_sock *sock,
			 const struct sluice_prefix *prefix,
			 sluice_msg_fn fn, void *arg,
			 struct sluice_error *err)
{
	struct sluice_identity identity = {
		.has = SLUICE_HAS(SLUICE_A_IDENTITY_PREFIX),
	};
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_IDENTITY_GET, 0);
	if (prefix) {
		identity.prefix = *prefix;
		put_object(&req, SLUICE_A_IDENTITY, &identity,
			   SLUICE_HAS(SLUICE_A_IDENTITY_PREFIX));
	}
	return sluice_sock_dump(sock, &req, fn, arg, err);
}

/**
 * sluice_identity_flush - take all identities from all prefixes
 * @sock: the socket
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_identity_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	return flush(sock, SLUICE_CMD_IDENTITY_FLUSH, err);
}

/**
 * sluice_rule_new - create a rule or change what it does
 * @sock: the socket
 * @rule: its key and what is to be set; the rest is as for a new one
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_rule_new(struct sluice_sock *sock, const struct sluice_rule *rule,
		    unsigned int flags, struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_RULE_NEW, flags, SLUICE_A_RULE, rule,
			 SLUICE_RULE_KEY | SLUICE_RULE_CONFIG, err);
}

/**
 * sluice_rule_del - delete a rule
 * @sock: the socket
 * @key: the rule
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_rule_del(struct sluice_sock *sock, const struct sluice_rule *key,
		    struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_RULE_DEL, 0, SLUICE_A_RULE, key,
			 SLUICE_RULE_KEY, err);
}

/**
 * sluice_rule_dump - get the rules of one subject or of all
 * @sock: the socket
 * @subject: the subject's identity; NULL for all
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_rule_dump(struct sluice_sock *sock, const uint32_t *subject,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	return dump_of_subject(sock, SLUICE_CMD_RULE_GET, subject, fn, arg,
			       err);
}

/**
 * sluice_subject_set - change how a subject is treated
 * @sock: the socket
 * @subject: its identity and what is to be set; the rest stays
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_subject_set(struct sluice_sock *sock,
		       const struct sluice_subject *subject,
		       struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_SUBJECT_SET, 0, SLUICE_A_SUBJECT,
			 subject, SLUICE_SUBJECT_KEY | SLUICE_SUBJECT_CONFIG,
			 err);
}

/**
 * sluice_subject_dump - get how subjects are treated, where not by default
 * @sock: the socket
 * @subject: the one subject to get; NULL for all
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_subject_dump(struct sluice_sock *sock, const uint32_t *subject,
			sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	return dump_of_subject(sock, SLUICE_CMD_SUBJECT_GET, subject, fn, arg,
			       err);
}

/**
 * sluice_policy_flush - delete all rules and forget all subjects
 * @sock: the socket
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_policy_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	return flush(sock, SLUICE_CMD_POLICY_FLUSH, err);
}

/**
 * sluice_device_new - bind a device to addresses, or change to which
 * @sock: the socket
 * @device: its name and the addresses
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_device_new(struct sluice_sock *sock,
		      const struct sluice_device *device, unsigned int flags,
		      struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_DEVICE_NEW, flags, SLUICE_A_DEVICE,
			 device, SLUICE_DEVICE_KEY | SLUICE_DEVICE_CONFIG,
			 err);
}

/**
 * sluice_device_del - have a device bound to no addresses
 * @sock: the socket
 * @key: its name
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_device_del(struct sluice_sock *sock,
		      const struct sluice_device *key,
		      struct sluice_error *err)
{
	return do_object(sock, SLUICE_CMD_DEVICE_DEL, 0, SLUICE_A_DEVICE, key,
			 SLUICE_DEVICE_KEY, err);
}

/**
 * sluice_device_dump - get one device that is bound to addresses, or all
 * @sock: the socket
 * @key: its name; NULL for all
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_device_dump(struct sluice_sock *sock,
		       const struct sluice_device *key,
		       sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_request req;

	sluice_request_init(&req, sock, SLUICE_CMD_DEVICE_GET, 0);
	if (key)
		put_object(&req, SLUICE_A_DEVICE, key, SLUICE_DEVICE_KEY);
	return sluice_sock_dump(sock, &req, fn, arg, err);
}

/**
 * sluice_device_flush - have no device bound to addresses
 * @sock: the socket
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_device_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	return flush(sock, SLUICE_CMD_DEVICE_FLUSH, err);
}
