/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsluice: the sluice netlink family as C structs and one function per
 * operation. Nothing here prints or exits; every function that can fail
 * returns 0 or -errno and fills a struct sluice_error that says why.
 */
#ifndef LIBSLUICE_H
#define LIBSLUICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>
#include <linux/sluice.h>

/* The bit that stands for an attribute in the member @has of its struct. */
#define SLUICE_HAS(attr)	(1U << (attr))

/**
 * struct sluice_addr - an IPv4 or IPv6 address
 * @len: 4 or 16
 * @bytes: in network order; only the first @len of them count
 */
struct sluice_addr {
	uint8_t len;
	uint8_t bytes[16];
};

/**
 * struct sluice_prefix - addresses that begin alike
 * @has: as of all structs of this file that stand for an attribute set
 * @addr: an address among them
 * @len: bits that count
 */
struct sluice_prefix {
	uint32_t has;
	struct sluice_addr addr;
	uint8_t len;
};

/**
 * struct sluice_prefixes - a list of prefixes, as it is on the wire
 * @size: bytes of @data
 * @data: one attribute after another; what sluice_decode() gives belongs to
 *	the message
 */
struct sluice_prefixes {
	size_t size;
	void *data;
};

/**
 * struct sluice_counters - what an object has seen
 * @has: which of the other members are set; all structs of this file that
 *	stand for an attribute set begin with it
 */
struct sluice_counters {
	uint32_t has;
	uint64_t connections;
	uint64_t in_packets;
	uint64_t in_bytes;
	uint64_t out_packets;
	uint64_t out_bytes;
	uint64_t drops;
};

/* Ports are in host order in all structs. */
struct sluice_service {
	uint32_t has;
	struct sluice_addr addr;
	uint16_t port;
	uint8_t proto;
	uint32_t scheduler;
	uint32_t backend_count;
	uint32_t flow_count;
	struct sluice_counters counters;
	uint32_t affinity;		/* seconds */
	uint8_t affinity_shared;
	uint32_t masquerade;
	uint32_t no_backend;
	uint32_t removal;
	uint32_t scope;
	uint32_t traffic_policy;
	uint8_t echo;
	struct sluice_prefixes allow;
	struct sluice_prefixes deny;
	uint16_t health_port;
	uint32_t forward;
	uint32_t affinity_group;
};

#define SLUICE_SERVICE_KEY	(SLUICE_HAS(SLUICE_A_SERVICE_ADDR) | \
				 SLUICE_HAS(SLUICE_A_SERVICE_PORT) | \
				 SLUICE_HAS(SLUICE_A_SERVICE_PROTO))
/* From the scheduler on, all but what only answers have. */
#define SLUICE_SERVICE_CONFIG	((2U << SLUICE_A_SERVICE_MAX) - \
				 SLUICE_HAS(SLUICE_A_SERVICE_SCHEDULER) - \
				 SLUICE_HAS(SLUICE_A_SERVICE_BACKEND_COUNT) - \
				 SLUICE_HAS(SLUICE_A_SERVICE_FLOW_COUNT) - \
				 SLUICE_HAS(SLUICE_A_SERVICE_COUNTERS))

struct sluice_backend {
	uint32_t has;
	struct sluice_addr addr;
	uint16_t port;
	uint32_t weight;
	uint32_t state;
	uint32_t flow_count;
	struct sluice_counters counters;
	uint8_t local;
};

#define SLUICE_BACKEND_KEY	(SLUICE_HAS(SLUICE_A_BACKEND_ADDR) | \
				 SLUICE_HAS(SLUICE_A_BACKEND_PORT))
#define SLUICE_BACKEND_CONFIG	(SLUICE_HAS(SLUICE_A_BACKEND_WEIGHT) | \
				 SLUICE_HAS(SLUICE_A_BACKEND_STATE) | \
				 SLUICE_HAS(SLUICE_A_BACKEND_LOCAL))

struct sluice_tuple {
	uint32_t has;
	struct sluice_addr src;
	struct sluice_addr dst;
	uint16_t sport;
	uint16_t dport;
};

#define SLUICE_TUPLE_KEY	(SLUICE_HAS(SLUICE_A_TUPLE_SRC) | \
				 SLUICE_HAS(SLUICE_A_TUPLE_DST) | \
				 SLUICE_HAS(SLUICE_A_TUPLE_SPORT) | \
				 SLUICE_HAS(SLUICE_A_TUPLE_DPORT))

struct sluice_path {
	uint32_t has;
	uint32_t kind;
	uint32_t ifindex;		/* 0: it is not told */
	uint32_t mtu;
};

/* Of names, with the zero behind it. */
#define SLUICE_NAME_SIZE	64

/* Room for the identities of one address; more of them are left out. */
#define SLUICE_IDS_MAX		256

struct sluice_ids {
	uint32_t count;
	uint32_t id[SLUICE_IDS_MAX];
};

struct sluice_judgement {
	uint32_t has;
	uint32_t direction;
	uint32_t action;
	uint32_t why;
	uint32_t subject;
	uint32_t peer;
	uint64_t cookie;
	char name[SLUICE_NAME_SIZE];	/* as it came: any bytes */
	struct sluice_ids subjects;
	struct sluice_ids peers;
};

/* One for each direction. */
#define SLUICE_JUDGEMENTS_MAX	2

struct sluice_judgements {
	uint32_t count;
	struct sluice_judgement judgement[SLUICE_JUDGEMENTS_MAX];
};

struct sluice_flow {
	uint32_t has;
	uint8_t proto;
	struct sluice_tuple orig;
	struct sluice_tuple reply;
	uint32_t state;
	uint32_t timeout;		/* milliseconds */
	struct sluice_counters counters;
	uint32_t forward;
	struct sluice_backend backend;	/* its key */
	uint32_t end;
	struct sluice_path orig_path;
	struct sluice_path reply_path;
	uint32_t orig_door;
	uint32_t reply_door;
	struct sluice_judgements judgements;	/* of the rules that allow it */
};

#define SLUICE_FLOW_KEY		(SLUICE_HAS(SLUICE_A_FLOW_PROTO) | \
				 SLUICE_HAS(SLUICE_A_FLOW_ORIG) | \
				 SLUICE_HAS(SLUICE_A_FLOW_REPLY))

struct sluice_drop {
	uint32_t has;
	uint32_t reason;
	uint64_t packets;
};

/* Room for the reasons of newer kernels too; more of them are left out. */
#define SLUICE_DROPS_MAX	64

struct sluice_drops {
	uint32_t count;
	struct sluice_drop drop[SLUICE_DROPS_MAX];
};

struct sluice_stats {
	uint32_t has;
	uint32_t services;
	uint32_t backends;
	uint32_t flows;
	uint32_t flow_buckets;
	uint64_t revision;
	uint64_t flows_created;
	uint64_t flows_expired;
	uint64_t flows_evicted;
	uint64_t flows_retired;
	uint64_t events_lost;
	struct sluice_drops drops;
	uint32_t identities;
	uint32_t rules;
	uint64_t audited;
	uint32_t devices;
};

/* Timeouts in seconds. */
struct sluice_settings {
	uint32_t has;
	uint32_t flow_limit;
	uint32_t timeout_udp_unreplied;
	uint32_t timeout_udp;
	uint32_t timeout_tcp_unreplied;
	uint32_t timeout_tcp;
	uint32_t timeout_tcp_half_closed;
	uint32_t timeout_tcp_closing;
	struct sluice_prefixes node_port_addresses;
	uint8_t node_port_loopback;
	struct sluice_prefixes pod_prefixes;
	uint8_t egress_masquerade;
	uint32_t policy_tcp;
	uint32_t policy_node_traffic;
	uint8_t policy_audit;
};

#define SLUICE_SETTINGS_ALL	((1U << (SLUICE_A_SETTINGS_MAX + 1)) - 2)
#define SLUICE_SETTINGS_NODE	\
	(SLUICE_HAS(SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES) | \
	 SLUICE_HAS(SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK) | \
	 SLUICE_HAS(SLUICE_A_SETTINGS_POD_PREFIXES) | \
	 SLUICE_HAS(SLUICE_A_SETTINGS_EGRESS_MASQUERADE) | \
	 SLUICE_HAS(SLUICE_A_SETTINGS_POLICY_TCP) | \
	 SLUICE_HAS(SLUICE_A_SETTINGS_POLICY_NODE_TRAFFIC) | \
	 SLUICE_HAS(SLUICE_A_SETTINGS_POLICY_AUDIT))
#define SLUICE_SETTINGS_FLOW	(SLUICE_SETTINGS_ALL & ~SLUICE_SETTINGS_NODE)

/* An identity of the addresses of a prefix. */
struct sluice_identity {
	uint32_t has;
	struct sluice_prefix prefix;
	uint32_t id;
	struct sluice_prefixes except;
	uint8_t exclusive;
};

#define SLUICE_IDENTITY_KEY	(SLUICE_HAS(SLUICE_A_IDENTITY_PREFIX) | \
				 SLUICE_HAS(SLUICE_A_IDENTITY_ID))
#define SLUICE_IDENTITY_CONFIG	(SLUICE_HAS(SLUICE_A_IDENTITY_EXCEPT) | \
				 SLUICE_HAS(SLUICE_A_IDENTITY_EXCLUSIVE))

/* Without a peer, a protocol, ports: any of them. */
struct sluice_rule {
	uint32_t has;
	uint32_t subject;
	uint32_t direction;
	uint32_t peer;
	uint8_t proto;
	uint16_t port_first;
	uint16_t port_last;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint32_t tier;
	uint32_t priority;
	uint32_t action;
	uint64_t cookie;
	char name[SLUICE_NAME_SIZE];	/* as it came: any bytes */
	uint64_t flows;
	uint64_t packets;
	uint64_t bytes;
};

#define SLUICE_RULE_CONFIG	(SLUICE_HAS(SLUICE_A_RULE_ACTION) | \
				 SLUICE_HAS(SLUICE_A_RULE_COOKIE) | \
				 SLUICE_HAS(SLUICE_A_RULE_NAME))
#define SLUICE_RULE_COUNTERS	(SLUICE_HAS(SLUICE_A_RULE_FLOWS) | \
				 SLUICE_HAS(SLUICE_A_RULE_PACKETS) | \
				 SLUICE_HAS(SLUICE_A_RULE_BYTES))
/* Up to the priority; whatever of it is there. */
#define SLUICE_RULE_KEY		((2U << SLUICE_A_RULE_PRIORITY) - 2)

struct sluice_subject {
	uint32_t has;
	uint32_t id;
	uint8_t isolate_ingress;
	uint8_t isolate_egress;
	uint8_t audit;
	uint32_t on_deny;
	uint32_t established;
};

#define SLUICE_SUBJECT_KEY	SLUICE_HAS(SLUICE_A_SUBJECT_ID)
#define SLUICE_SUBJECT_CONFIG	((2U << SLUICE_A_SUBJECT_MAX) - 2 - \
				 SLUICE_SUBJECT_KEY)

struct sluice_device_fallback {
	uint32_t has;
	uint32_t reason;
	uint64_t packets;
};

/* Room for the reasons of newer kernels too; more of them are left out. */
#define SLUICE_FALLBACKS_MAX	32

struct sluice_device_fallbacks {
	uint32_t count;
	struct sluice_device_fallback fallback[SLUICE_FALLBACKS_MAX];
};

struct sluice_device_left {
	uint32_t has;
	uint32_t reason;
	uint64_t segments;
};

/* Likewise. */
#define SLUICE_LEFTS_MAX	32

struct sluice_device_lefts {
	uint32_t count;
	struct sluice_device_left left[SLUICE_LEFTS_MAX];
};

/* An attached device. */
struct sluice_device {
	uint32_t has;
	char name[SLUICE_NAME_SIZE];	/* as it came: any bytes */
	struct sluice_prefixes addresses;
	uint32_t ifindex;		/* 0: there is no such device */
	uint32_t attached;
	uint64_t drops;
	uint8_t fast_path;
	uint32_t netfilter;
	uint64_t sent;
	uint8_t pod_side;
	uint32_t pods;
	uint64_t handed_over;
	uint64_t redirected;
	uint8_t short_cut;
	uint64_t segments;
	uint64_t sockets;
	struct sluice_device_fallbacks fallbacks;
	struct sluice_device_lefts lefts;
};

#define SLUICE_DEVICE_KEY	SLUICE_HAS(SLUICE_A_DEVICE_NAME)
#define SLUICE_DEVICE_OPTIONS	(SLUICE_HAS(SLUICE_A_DEVICE_FAST_PATH) | \
				 SLUICE_HAS(SLUICE_A_DEVICE_NETFILTER) | \
				 SLUICE_HAS(SLUICE_A_DEVICE_POD_SIDE) | \
				 SLUICE_HAS(SLUICE_A_DEVICE_SHORT_CUT))
#define SLUICE_DEVICE_CONFIG	(SLUICE_HAS(SLUICE_A_DEVICE_ADDRESSES) | \
				 SLUICE_DEVICE_OPTIONS)
/* What fits in the name of one. */
#define SLUICE_DEVICE_NAME_MAX	15

/**
 * struct sluice_change - one change of a transaction
 * @has: its objects, by SLUICE_A_CHANGE_*
 * @service: of the operations on services and backends
 * @backend: of those on one backend
 * @op: enum sluice_change_op
 * @flags: enum sluice_change_flag
 * @settings: of settings-set
 * @identity: of the operations on one identity
 * @rule: of those on one rule
 * @subject: of subject-set
 * @device: of the operations on one device
 */
struct sluice_change {
	uint32_t has;
	struct sluice_service service;
	struct sluice_backend backend;
	uint32_t op;
	uint32_t flags;
	struct sluice_settings settings;
	struct sluice_identity identity;
	struct sluice_rule rule;
	struct sluice_subject subject;
	struct sluice_device device;
};

struct sluice_event {
	uint32_t has;
	uint32_t type;
	uint32_t reason;
	uint8_t proto;
	struct sluice_tuple tuple;
	uint64_t lost;
	struct sluice_judgement judgement;
	char device[SLUICE_NAME_SIZE];
};

/**
 * struct sluice_explain - a packet, and what would become of it
 * @has: SLUICE_A_EXPLAIN_*; without @out it is dropped
 */
struct sluice_explain {
	uint32_t has;
	uint8_t proto;
	struct sluice_tuple packet;
	uint32_t outcome;
	uint32_t by;
	struct sluice_tuple out;
	uint32_t reason;
	uint32_t candidates;
	char device[SLUICE_NAME_SIZE];
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint32_t fast_path;
	uint32_t fallback;
	struct sluice_path path;
};

#define SLUICE_EXPLAIN_KEY	(SLUICE_HAS(SLUICE_A_EXPLAIN_PROTO) | \
				 SLUICE_HAS(SLUICE_A_EXPLAIN_PACKET))
#define SLUICE_EXPLAIN_ICMP	(SLUICE_HAS(SLUICE_A_EXPLAIN_ICMP_TYPE) | \
				 SLUICE_HAS(SLUICE_A_EXPLAIN_ICMP_CODE))
/* The rest is only in answers. */
#define SLUICE_EXPLAIN_QUESTION	(SLUICE_EXPLAIN_KEY | SLUICE_EXPLAIN_ICMP | \
				 SLUICE_HAS(SLUICE_A_EXPLAIN_DEVICE))

/**
 * struct sluice_msg - any message of the family, decoded
 * @has: which of the objects below it carries, by enum sluice_a
 * @cmd: enum sluice_cmd
 * @created: a notification of what is new, not of what has changed
 */
struct sluice_msg {
	uint32_t has;
	uint8_t cmd;
	bool created;
	struct sluice_service service;
	struct sluice_backend backend;
	struct sluice_flow flow;
	struct sluice_stats stats;
	struct sluice_settings settings;
	struct sluice_event event;
	struct sluice_explain explain;
	struct sluice_identity identity;
	struct sluice_rule rule;
	struct sluice_subject subject;
	struct sluice_judgements judgements;
	struct sluice_device device;
};

/**
 * struct sluice_error - why an operation failed
 * @code: -errno
 * @text: the kernel's words if it had any, else what the library knows
 * @attr: path of the attribute at fault ("service.scheduler"), or empty
 * @change: the change of a transaction that is at fault, counted from 1; 0 if
 *	none is
 * @missing: @attr is at fault by its absence
 */
struct sluice_error {
	int code;
	char text[256];
	char attr[64];
	unsigned int change;
	bool missing;
};

/* Attributes, described: what the codec, the errors and printers go by. */

enum sluice_kind {
	SLUICE_KIND_NONE,
	SLUICE_KIND_U8,
	SLUICE_KIND_U16,
	SLUICE_KIND_BE16,
	SLUICE_KIND_U32,
	SLUICE_KIND_U64,
	SLUICE_KIND_ADDR,
	SLUICE_KIND_FLAG,
	SLUICE_KIND_NEST,
	SLUICE_KIND_STRING,	/* into an array of SLUICE_NAME_SIZE */
	SLUICE_KIND_LIST,	/* repeats, into a count and an array */
	SLUICE_KIND_PREFIXES,	/* a nest, into sluice_prefixes */
};

/* What a number is to people. */
enum sluice_form {
	SLUICE_FORM_NUMBER,
	SLUICE_FORM_SWITCH,	/* 1 is on, 0 is off */
	SLUICE_FORM_AFFINITY,	/* seconds, 0 for none */
	SLUICE_FORM_IDENTITY,	/* some have names, the others are usual */
};

/* Names of an enum's values; ends with a NULL. */
struct sluice_name {
	unsigned int value;
	const char *name;
};

/**
 * struct sluice_attr_list - what an attribute that repeats is read into
 * @first: where the list's struct has its array; it begins with the count
 * @size: of an element, an attribute set's struct or a u32
 * @room: elements in the array
 */
struct sluice_attr_list {
	size_t first;
	size_t size;
	unsigned int room;
};

/**
 * struct sluice_attr - one attribute of a set
 * @name: its name in the family's specification
 * @kind: its type on the wire and in the struct
 * @offset: where the struct has it; a flag is only in @has
 * @names: of the values, if they have any
 * @nested: what a nest holds
 * @form: of a number without @names
 * @preset: what a new object has if nothing else is said, as a number
 * @empty: the word for an empty list
 * @list: of one that repeats
 */
struct sluice_attr {
	const char *name;
	enum sluice_kind kind;
	size_t offset;
	const struct sluice_name *names;
	const struct sluice_attr_set *nested;
	enum sluice_form form;
	unsigned int preset;
	const char *empty;
	const struct sluice_attr_list *list;
};

/* Indexed by attribute type, up to and including @max. */
struct sluice_attr_set {
	unsigned int max;
	const struct sluice_attr *attr;
};

extern const struct sluice_attr_set sluice_main_attrs;
extern const struct sluice_attr_set sluice_prefix_attrs;
extern const struct sluice_attr_set sluice_prefixes_attrs;
extern const struct sluice_attr_set sluice_service_attrs;
extern const struct sluice_attr_set sluice_backend_attrs;
extern const struct sluice_attr_set sluice_counters_attrs;
extern const struct sluice_attr_set sluice_tuple_attrs;
extern const struct sluice_attr_set sluice_flow_attrs;
extern const struct sluice_attr_set sluice_drop_attrs;
extern const struct sluice_attr_set sluice_stats_attrs;
extern const struct sluice_attr_set sluice_settings_attrs;
extern const struct sluice_attr_set sluice_event_attrs;
extern const struct sluice_attr_set sluice_explain_attrs;
extern const struct sluice_attr_set sluice_identity_attrs;
extern const struct sluice_attr_set sluice_rule_attrs;
extern const struct sluice_attr_set sluice_subject_attrs;
extern const struct sluice_attr_set sluice_judgement_attrs;
extern const struct sluice_attr_set sluice_device_attrs;
extern const struct sluice_attr_set sluice_fallback_attrs;
extern const struct sluice_attr_set sluice_left_attrs;
extern const struct sluice_attr_set sluice_path_attrs;
extern const struct sluice_attr_set sluice_change_attrs;

extern const struct sluice_name sluice_protocols[];
extern const struct sluice_name sluice_schedulers[];
extern const struct sluice_name sluice_masquerades[];
extern const struct sluice_name sluice_no_backends[];
extern const struct sluice_name sluice_removals[];
extern const struct sluice_name sluice_scopes[];
extern const struct sluice_name sluice_traffic_policies[];
extern const struct sluice_name sluice_forwards[];
extern const struct sluice_name sluice_fallback_reasons[];
extern const struct sluice_name sluice_short_cut_reasons[];
extern const struct sluice_name sluice_path_kinds[];
extern const struct sluice_name sluice_fast_paths[];
extern const struct sluice_name sluice_device_netfilters[];
extern const struct sluice_name sluice_backend_states[];
extern const struct sluice_name sluice_flow_states[];
extern const struct sluice_name sluice_drop_reasons[];
extern const struct sluice_name sluice_event_types[];
extern const struct sluice_name sluice_flow_ends[];
extern const struct sluice_name sluice_flow_doors[];
extern const struct sluice_name sluice_change_ops[];
extern const struct sluice_name sluice_outcomes[];
extern const struct sluice_name sluice_decided_bys[];
extern const struct sluice_name sluice_policy_directions[];
extern const struct sluice_name sluice_policy_tiers[];
extern const struct sluice_name sluice_policy_actions[];
extern const struct sluice_name sluice_policy_whys[];
extern const struct sluice_name sluice_on_denys[];
extern const struct sluice_name sluice_establisheds[];
extern const struct sluice_name sluice_policy_tcps[];
extern const struct sluice_name sluice_policy_node_traffics[];
extern const struct sluice_name sluice_identity_names[];

const char *sluice_name_of(const struct sluice_name *names,
			   unsigned int value);
bool sluice_name_value(const struct sluice_name *names, const char *name,
		       unsigned int *value);
uint64_t sluice_attr_number(const struct sluice_attr *attr, const void *obj);
void sluice_attr_set_number(const struct sluice_attr *attr, void *obj,
			    uint64_t value);
uint64_t sluice_attr_limit(const struct sluice_attr *attr);

/* Lists of prefixes. */

typedef void (*sluice_prefix_fn)(const struct sluice_prefix *prefix,
				 void *arg);

int sluice_prefixes_add(struct sluice_prefixes *prefixes,
			const struct sluice_prefix *prefix);
int sluice_prefixes_copy(struct sluice_prefixes *to,
			 const struct sluice_prefixes *from);
void sluice_prefixes_free(struct sluice_prefixes *prefixes);
void sluice_prefixes_each(const struct sluice_prefixes *prefixes,
			  sluice_prefix_fn fn, void *arg);

/* The wire. */

void sluice_put(struct nlmsghdr *nlh, unsigned int type,
		const struct sluice_attr_set *set, const void *obj,
		uint32_t mask);
int sluice_decode(const struct nlmsghdr *nlh, struct sluice_msg *msg);
void sluice_error_set(struct sluice_error *err, int code,
		      const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void sluice_error_decode(struct sluice_error *err, const struct nlmsghdr *ack,
			 const struct nlmsghdr *request);

/* Operations. */

struct sluice_sock;

/* Called for each object of a dump; other than 0 ends the dump with it. */
typedef int (*sluice_msg_fn)(const struct sluice_msg *msg, void *arg);

int sluice_open(struct sluice_sock **sock, struct sluice_error *err);
void sluice_close(struct sluice_sock *sock);
int sluice_fd(const struct sluice_sock *sock);

int sluice_service_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       unsigned int flags, struct sluice_error *err);
int sluice_service_del(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_error *err);
int sluice_service_get(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_service *service,
		       struct sluice_error *err);
int sluice_service_dump(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			struct sluice_error *err);
int sluice_service_flush(struct sluice_sock *sock, struct sluice_error *err);

int sluice_backend_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *backend,
		       unsigned int flags, struct sluice_error *err);
int sluice_backend_del(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_error *err);
int sluice_backend_get(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_backend *backend,
		       struct sluice_error *err);
int sluice_backend_dump(struct sluice_sock *sock,
			const struct sluice_service *service,
			sluice_msg_fn fn, void *arg, struct sluice_error *err);
int sluice_backend_flush(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct sluice_error *err);

int sluice_flow_get(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_flow *flow, struct sluice_error *err);
int sluice_flow_del(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_error *err);
int sluice_flow_dump(struct sluice_sock *sock,
		     const struct sluice_service *service,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err);
int sluice_flow_flush(struct sluice_sock *sock,
		      const struct sluice_service *service,
		      struct sluice_error *err);

int sluice_identity_new(struct sluice_sock *sock,
			const struct sluice_identity *identity,
			unsigned int flags, struct sluice_error *err);
int sluice_identity_del(struct sluice_sock *sock,
			const struct sluice_identity *key,
			struct sluice_error *err);
int sluice_identity_dump(struct sluice_sock *sock,
			 const struct sluice_prefix *prefix,
			 sluice_msg_fn fn, void *arg,
			 struct sluice_error *err);
int sluice_identity_flush(struct sluice_sock *sock, struct sluice_error *err);

int sluice_rule_new(struct sluice_sock *sock, const struct sluice_rule *rule,
		    unsigned int flags, struct sluice_error *err);
int sluice_rule_del(struct sluice_sock *sock, const struct sluice_rule *key,
		    struct sluice_error *err);
int sluice_rule_dump(struct sluice_sock *sock, const uint32_t *subject,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err);
int sluice_subject_set(struct sluice_sock *sock,
		       const struct sluice_subject *subject,
		       struct sluice_error *err);
int sluice_subject_dump(struct sluice_sock *sock, const uint32_t *subject,
			sluice_msg_fn fn, void *arg, struct sluice_error *err);
int sluice_policy_flush(struct sluice_sock *sock, struct sluice_error *err);

int sluice_device_new(struct sluice_sock *sock,
		      const struct sluice_device *device, unsigned int flags,
		      struct sluice_error *err);
int sluice_device_del(struct sluice_sock *sock,
		      const struct sluice_device *key,
		      struct sluice_error *err);
int sluice_device_dump(struct sluice_sock *sock,
		       const struct sluice_device *key,
		       sluice_msg_fn fn, void *arg, struct sluice_error *err);
int sluice_device_flush(struct sluice_sock *sock, struct sluice_error *err);

int sluice_explain(struct sluice_sock *sock,
		   const struct sluice_explain *question,
		   struct sluice_msg *answer, struct sluice_error *err);

int sluice_stats_get(struct sluice_sock *sock, struct sluice_stats *stats,
		     struct sluice_error *err);
int sluice_settings_get(struct sluice_sock *sock,
			struct sluice_settings *settings,
			struct sluice_error *err);
int sluice_settings_set(struct sluice_sock *sock,
			const struct sluice_settings *settings,
			struct sluice_error *err);

/* Transactions. */

struct sluice_tx;

int sluice_tx_begin(struct sluice_tx **tx);
int sluice_tx_add(struct sluice_tx *tx, const struct sluice_change *change,
		  unsigned int flags);
int sluice_tx_commit(struct sluice_sock *sock, struct sluice_tx *tx,
		     struct sluice_error *err);
void sluice_tx_free(struct sluice_tx *tx);

/* Notifications. */

#define SLUICE_GROUP_CONFIG	1U
#define SLUICE_GROUP_EVENTS	2U
#define SLUICE_GROUP_FLOWS	4U
#define SLUICE_GROUP_MODULE	8U	/* that the module goes */

int sluice_monitor_join(struct sluice_sock *sock, unsigned int groups,
			struct sluice_error *err);
int sluice_monitor_recv(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			bool *lost, struct sluice_error *err);

/* The module's coming and going. */

int sluice_watch_open(struct sluice_sock **sock, struct sluice_error *err);
int sluice_watch_recv(struct sluice_sock *sock, bool *changed,
		      struct sluice_error *err);

#endif /* LIBSLUICE_H */
