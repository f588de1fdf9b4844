/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drops: each has a reason that is counted, traced and reported.
 */
#ifndef _SLUICE_DROP_H
#define _SLUICE_DROP_H

#include <uapi/linux/sluice.h>

struct nf_hook_state;
struct sk_buff;
struct sluice_blame;
struct sluice_flow;
struct sluice_net;
struct sluice_pkt;
struct sluice_tuple;

/* Of a function that returns a reason to drop: there is none. */
#define SLUICE_DROP_NONE	((enum sluice_drop_reason)0)

unsigned int sluice_drop(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_pkt *pkt,
			 enum sluice_drop_reason reason);
void sluice_drop_note(struct sluice_net *sn, const struct sk_buff *skb,
		      const struct sluice_pkt *pkt,
		      enum sluice_drop_reason reason);
unsigned int sluice_drop_of(struct sluice_net *sn, struct sk_buff *skb,
			    const struct sluice_pkt *pkt,
			    const struct sluice_flow *flow,
			    enum sluice_drop_reason reason);
unsigned int sluice_drop_blamed(struct sluice_net *sn, struct sk_buff *skb,
				const struct sluice_pkt *pkt,
				const struct sluice_blame *blame,
				enum sluice_drop_reason reason);
unsigned int sluice_drop_spoofed(struct sluice_net *sn, struct sk_buff *skb,
				 const struct sluice_tuple *claim,
				 const char *device);
unsigned int sluice_drop_untold(struct sk_buff *skb);
void sluice_audit(struct sluice_net *sn, const struct sluice_tuple *tuple,
		  const struct sluice_blame *blame,
		  enum sluice_drop_reason reason);
bool sluice_is_rejecting(void);
void sluice_reject(struct sk_buff *skb, const struct sluice_pkt *pkt,
		   const struct nf_hook_state *state, bool prohibited);

#endif
