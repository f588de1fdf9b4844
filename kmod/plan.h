/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans: what a new flow is to be.
 */
#ifndef _SLUICE_PLAN_H
#define _SLUICE_PLAN_H

#include "drop.h"
#include "judge.h"
#include "net.h"
#include "pkt.h"

struct sluice_backend;
struct sluice_picker;

/**
 * enum sluice_plan_kind - why there is to be a flow
 * @SLUICE_PLAN_NONE: there is not
 * @SLUICE_PLAN_SERVICE: the packet is for a service
 * @SLUICE_PLAN_EGRESS: it is a pod's and leaves the cluster as the node's
 * @SLUICE_PLAN_DIRECT: it goes on as it is, but its answers must be told from
 *	those of others
 * @SLUICE_PLAN_POLICY: it goes on as it is, but what follows it and its answers
 *	have the policy's word already
 * @SLUICE_PLAN_PLAIN: it goes on as it is, quicker
 * @SLUICE_PLAN_OWN: it goes out as it is, but its answers come to a node port, and
 *	must be told from what comes to the service
 */
enum sluice_plan_kind {
	SLUICE_PLAN_NONE,
	SLUICE_PLAN_SERVICE,
	SLUICE_PLAN_EGRESS,
	SLUICE_PLAN_DIRECT,
	SLUICE_PLAN_POLICY,
	SLUICE_PLAN_PLAIN,
	SLUICE_PLAN_OWN,
};

/**
 * struct sluice_plan - what a new flow is to be
 * @pkt: its first packet
 * @kind: why
 * @service: which, if for one
 * @picker: of @service
 * @backend: who receives, with a reference, or NULL
 * @to: where packets go
 * @local: only backends of this node will do
 * @masquerade: packets come from @source then
 * @source: an address of the node
 * @asked: &enum sluice_forward, what the service has for the client
 * @forward: &enum sluice_forward, how packets get there; not relay, if there is a
 *	backend
 * @judgement: what the policy says; not of what is dropped anyway
 * @revision: under which this was decided
 * @reason: why the packet is to be dropped instead, or %SLUICE_DROP_NONE
 * @reject: its sender is to be told
 */
struct sluice_plan {
	const struct sluice_pkt *pkt;
	enum sluice_plan_kind kind;
	struct sluice_service *service;
	const struct sluice_picker *picker;
	struct sluice_backend *backend;
	struct sluice_l4addr to;
	bool local;
	bool masquerade;
	bool reject;
	u8 asked;
	u8 forward;
	union nf_inet_addr source;
	struct sluice_judgement *judgement;
	unsigned long revision;
	enum sluice_drop_reason reason;
};

/* Packets reach the backend as they are. */
static inline bool sluice_plan_keeps_addresses(const struct sluice_plan *plan)
{
	return plan->forward > SLUICE_FORWARD_NAT;
}

void sluice_plan_make(struct sluice_net *sn, const struct sluice_pkt *pkt,
		      bool dry, struct sluice_judgement *j,
		      struct sluice_plan *plan);
void sluice_plan_put(const struct sluice_plan *plan);
bool sluice_plan_answers_reach_node_port(struct sluice_net *sn,
					 const struct sluice_pkt *pkt,
					 unsigned long revision);
bool sluice_plan_is_forged(struct sluice_net *sn, const struct sluice_plan *plan);
bool sluice_plan_is_from_service(struct sluice_net *sn,
				 const struct sluice_plan *plan);

#endif
