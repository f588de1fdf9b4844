// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attach a program and make its device fit for it; detach it and make the
 * device what it was.
 *
 *	checks		the device, the module, the other end
 *	load		so that the kernel's refusal changes nothing; with a
 *			dispatcher not before it is attached
 *	state		what is about to be changed
 *	changes		at both ends
 *	attach
 *	maps		the others may redirect to it from now on
 *
 * A step that fails undoes those before it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>

#include "chain.h"
#include "driver.h"
#include "ends.h"
#include "feed.h"
#include "ipsec.h"
#include "maps.h"
#include "module.h"
#include "netns.h"
#include "program.h"
#include "state.h"
#include "watch.h"
#include "xdp.h"

#define SOCKETS_NOTE	\
	"native XDP is for frames: from another device's XDP, or to an XDP program in the pod. Between ordinary sockets it is slower than the node's own routing; for them take \"sluice device add\", or \"mode generic\"."

/**
 * struct job - of attaching or detaching
 * @links: the namespace's devices
 * @link: the one that this is about
 * @ends: its ends
 * @program: to be attached
 * @chained: whether it is called by a dispatcher that is there
 * @state: of that
 */
struct job {
	struct links links;
	const struct link *link;
	struct ends ends;
	struct program program;
	bool chained;
	struct state state;
};

static int refuse(struct sluice_error *err, int code, const char *why)
{
	sluice_error_set(err, code, "%s", why);
	return code;
}

static int find_link(struct job *job, const char *device,
		     struct sluice_error *err)
{
	int ret = links_read(&job->links, err);

	if (ret)
		return ret;
	job->link = links_find(&job->links, device);
	if (job->link)
		return 0;
	return refuse(err, -ENODEV, "no such device");
}

static bool is_bridge(const char *kind)
{
	return !strcmp(kind, "bridge");
}

static int check_kind(const struct link *link, const struct xdp_request *request,
		      struct sluice_error *err)
{
	if (!link->ethernet)
		return refuse(err, -EINVAL, "its frames are not those of Ethernet");
	if (link->vlan_proto)
		return refuse(err, -EINVAL, "it is a VLAN device: attach to the device below it");
	if (is_bridge(request->kind) && strcmp(link->master_kind, "bridge"))
		return refuse(err, -EINVAL, "it is no port of a bridge: make it one first (ip link set dev DEVICE master BRIDGE)");
	if (!strcmp(request->kind, "router") && *link->master_kind &&
	    strcmp(link->master_kind, "vrf")) {
		sluice_error_set(err, -EBUSY, "it is part of a %s, so it is not routed from here",
				 link->master_kind);
		return -EBUSY;
	}
	return 0;
}

static int check_free(struct job *job, struct sluice_error *err)
{
	const struct link *link = job->link;
	struct attached attached;
	char name[32];

	if (!link->xdp_prog)
		return 0;
	job->chained = chain_is_there(link);
	if (attached_open(&attached, link)) {
		sluice_error_set(err, -EEXIST, "a %s is attached already; detach it first",
				 program_kind_name(attached.kind));
		attached_close(&attached);
		return -EEXIST;
	}
	if (job->chained)
		return 0;
	program_name(link->xdp_prog, name, sizeof(name));
	sluice_error_set(err, -EBUSY, "another XDP program is there, \"%s\" with number %u: detach that first (ip link set dev %s xdp off)",
			 name, link->xdp_prog, link->name);
	return -EBUSY;
}

static uint32_t mode_flags(bool generic)
{
	return generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

static const struct attached *sibling_of(const struct list *all, bool native)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct attached *attached = list_at(all, i);

		if (attached->native == native)
			return attached;
	}
	return NULL;
}

/* One that something else has left behind may be of another version. */
static void end_unused_feed(uint32_t but)
{
	if (!program_is_loaded(program_kind("bridge"), but))
		feed_end();
}

static int load(struct job *job, const struct xdp_request *request,
		struct sluice_error *err)
{
	struct program_config config = {
		.link = job->link,
		.with_module = !request->no_policy,
	};
	struct list all;
	int ret;

	if (is_bridge(request->kind)) {
		end_unused_feed(0);
		ret = feed_begin(err);
		if (ret)
			return ret;
	}
	attached_all(&all, &job->links);
	ret = program_open(&job->program, program_kind(request->kind), &config,
			   sibling_of(&all, !request->generic), err);
	attached_free(&all);
	if (ret || job->chained)
		return ret;
	ret = program_load(&job->program, err);
	if (ret)
		program_close(&job->program);
	return ret;
}

/* Other programs are told only after the device is seen with its own. */
static int tell_all(struct sluice_error *err)
{
	struct links links;
	int ret = links_read(&links, err);

	if (!ret)
		ret = maps_sync(&links, err);
	links_free(&links);
	return ret;
}

static void explain_refusal(struct sluice_error *err, bool generic)
{
	if (err->code == -EOPNOTSUPP && !generic)
		refuse(err, -EOPNOTSUPP, "its driver has no native XDP; \"mode generic\" works with any");
}

static int put_alone(struct job *job, const struct xdp_request *request,
		     struct sluice_error *err)
{
	int ret;

	ret = link_set_xdp(job->link, job->program.fd,
			   mode_flags(request->generic) |
			   XDP_FLAGS_UPDATE_IF_NOEXIST, err);
	if (ret)
		explain_refusal(err, request->generic);
	return ret;
}

static int put_in_chain(struct job *job, const struct xdp_request *request,
			struct sluice_error *err)
{
	int ret;

	ret = chain_attach(&job->program, job->link, request->generic, err);
	if (!ret)
		ret = program_note_loaded(&job->program, err);
	return ret;
}

static int take_away(const struct job *job, bool generic,
		     struct sluice_error *err)
{
	if (job->chained)
		return chain_detach(job->state.id, job->link, err);
	return link_set_xdp(job->link, -1, mode_flags(generic), err);
}

static int put_in_place(struct job *job, const struct xdp_request *request,
			struct sluice_error *err)
{
	struct sluice_error undo;
	int ret;

	ret = job->chained ? put_in_chain(job, request, err)
			   : put_alone(job, request, err);
	if (ret)
		return ret;
	job->state.id = job->program.id;
	ret = state_write(&job->state, err);
	if (!ret)
		ret = tell_all(err);
	if (!ret && is_bridge(request->kind))
		ret = feed_read(job->link->master, err);
	if (ret)
		take_away(job, request->generic, &undo);
	return ret;
}

static int change_and_attach(struct job *job, const struct xdp_request *request,
			     struct sluice_error *err)
{
	struct sluice_error undo;
	int ret;

	ret = state_write(&job->state, err);
	if (ret)
		return ret;
	ret = changes_make(&job->state.changes, &job->ends, err);
	if (!ret) {
		ret = put_in_place(job, request, err);
		if (ret)
			changes_undo(&job->state.changes, &job->ends, &undo);
	}
	if (ret)
		state_remove(&job->state);
	return ret;
}

static int attach(struct job *job, const struct xdp_request *request,
		  struct sluice_error *err)
{
	int ret;

	ret = changes_plan(&job->state.changes, &job->ends, !request->generic,
			   err);
	if (!ret)
		ret = load(job, request, err);
	if (ret)
		return ret;
	job->state.netns = netns_number();
	job->state.ifindex = job->link->ifindex;
	job->state.policy = !request->no_policy;
	strcpy(job->state.device, job->link->name);
	ret = change_and_attach(job, request, err);
	program_close(&job->program);
	return ret;
}

static int check(struct job *job, const struct xdp_request *request,
		 struct sluice_error *err)
{
	int ret = find_link(job, request->device, err);

	if (!ret)
		ret = check_kind(job->link, request, err);
	if (!ret)
		ret = check_free(job, err);
	if (!ret)
		ret = ipsec_check(err);
	if (!ret && !request->no_policy)
		ret = module_check(err);
	return ret;
}

/*
 * A program may be gone without having been detached: with its device, which
 * took all with it, or by another hand.
 */
static void undo_leftover(const struct state *state, void *arg)
{
	const struct links *links = arg;
	const struct link *link = links_at(links, state->ifindex);
	struct sluice_error err;
	struct ends ends;

	watch_remove(&(struct sluice_xdp_place) { state->netns, state->ifindex });
	if (!link || strcmp(link->name, state->device) ||
	    ends_open(&ends, link, &err))
		return;
	changes_undo(&state->changes, &ends, &err);
	ends_close(&ends);
}

static struct sluice_xdp_place place_of(const struct job *job)
{
	return (struct sluice_xdp_place) { netns_number(), job->link->ifindex };
}

static void tell_notes(const struct job *job, const struct xdp_request *request,
		       xdp_note_fn note)
{
	struct sluice_xdp_place place = place_of(job);
	struct sluice_error err;

	if (watch_add(&place, &err))
		note(err.text);
	if (!request->generic && !driver_sends_frames(job->link->ifindex))
		note("its driver cannot send frames of others: what goes out by it takes the stack");
	if (!request->generic && link_is_veth(job->link))
		note(SOCKETS_NOTE);
}

static int attach_locked(const struct xdp_request *request, xdp_note_fn note,
			 struct sluice_error *err)
{
	struct job job = { 0 };
	int ret = check(&job, request, err);

	if (!ret) {
		state_prune(netns_number(), undo_leftover, &job.links);
		ret = ends_open(&job.ends, job.link, err);
	}
	if (!ret) {
		ret = attach(&job, request, err);
		ends_close(&job.ends);
	}
	if (!ret)
		tell_notes(&job, request, note);
	links_free(&job.links);
	return ret;
}

/**
 * xdp_attach - attach a program to a device
 * @request: which, and where
 * @note: told what is worth knowing
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int xdp_attach(const struct xdp_request *request, xdp_note_fn note,
	       struct sluice_error *err)
{
	int lock, ret = program_permitted(err);

	if (ret)
		return ret;
	lock = state_lock(err);
	if (lock < 0)
		return lock;
	ret = attach_locked(request, note, err);
	close(lock);
	return ret;
}

/* What can be undone is, also if the program's state is not known. */
static int undo_changes(const struct job *job, struct sluice_error *err)
{
	struct sluice_error cause;
	struct ends ends;
	int ret;

	if (!job->state.changes.count)
		return 0;
	ret = ends_open(&ends, job->link, err);
	if (!ret) {
		ret = changes_undo(&job->state.changes, &ends, err);
		ends_close(&ends);
	}
	if (ret) {
		cause = *err;
		sluice_error_set(err, ret, "detached, but not all is as before: %.200s",
				 cause.text);
	}
	return ret;
}

/* What is known of a program that is not this one does not count. */
static void recall(struct job *job, const struct attached *attached)
{
	struct sluice_xdp_place place = place_of(job);

	state_read(place.netns, place.ifindex, &job->state);
	if (job->state.id != attached->id)
		job->state.changes.count = 0;
	job->state.id = attached->id;
	job->state.netns = place.netns;
	job->state.ifindex = place.ifindex;
	job->chained = attached->chained;
}

static int detach(struct job *job, const struct attached *attached,
		  struct sluice_error *err)
{
	struct sluice_xdp_place place = place_of(job);
	struct sluice_error untold;
	int told, ret;

	recall(job, attached);
	ret = take_away(job, !attached->native, err);
	if (ret)
		return ret;
	ret = undo_changes(job, err);
	told = tell_all(ret ? &untold : err);
	end_unused_feed(attached->id);
	watch_remove(&place);
	state_remove(&job->state);
	return ret ? ret : told;
}

static int detach_locked(const char *device, struct sluice_error *err)
{
	struct attached attached;
	struct job job = { 0 };
	int ret = find_link(&job, device, err);

	if (!ret)
		state_prune(netns_number(), undo_leftover, &job.links);
	if (!ret && !attached_open(&attached, job.link))
		ret = refuse(err, -ENOENT, "no XDP program of sluice is attached to it");
	if (!ret) {
		ret = detach(&job, &attached, err);
		attached_close(&attached);
	}
	links_free(&job.links);
	return ret;
}

/**
 * xdp_detach - detach a device's program, and restore what was changed for it
 * @device: the device
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int xdp_detach(const char *device, struct sluice_error *err)
{
	int lock, ret = program_permitted(err);

	if (ret)
		return ret;
	lock = state_lock(err);
	if (lock < 0)
		return lock;
	ret = detach_locked(device, err);
	close(lock);
	return ret;
}
