// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of sluice-healthd: which ports are named, and how many local
 * endpoints each stands for.
 */
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "table.h"
#include "tap.h"

#define PORT	32000

static struct sluice_service service(uint8_t number, uint16_t health_port)
{
	return (struct sluice_service){
		.has = SLUICE_SERVICE_KEY, .addr = { 4, { 10, 0, 0, number } },
		.port = 80, .proto = 6, .health_port = health_port,
	};
}

static struct sluice_backend backend(uint8_t number, uint16_t port)
{
	return (struct sluice_backend){
		.has = SLUICE_BACKEND_KEY, .addr = { 4, { 10, 1, 0, number } },
		.port = port, .weight = 1, .local = 1,
		.state = SLUICE_BACKEND_STATE_ACTIVE,
	};
}

static bool add_service(struct table *table, uint8_t number, uint16_t port,
			bool created)
{
	struct sluice_service new = service(number, port);

	return table_set_service(table, &new, created);
}

static void del_service(struct table *table, uint8_t number)
{
	struct sluice_service old = service(number, 0);

	table_del_service(table, &old);
}

static void add_backend(struct table *table, uint8_t of, uint8_t number,
			uint16_t port)
{
	struct sluice_service key = service(of, 0);
	struct sluice_backend new = backend(number, port);

	table_set_backend(table, &key, &new);
}

static size_t endpoints(const struct table *table)
{
	return table_local_endpoints(table, PORT);
}

static void list(const struct health_service *found, void *arg)
{
	char text[KEY_TEXT_SIZE];

	strcat(arg, service_text(&found->key, text));
	strcat(arg, " ");
}

static void check_services(void)
{
	struct table *table = table_new();
	char names[256] = "";

	tap(table->ports_changed, "a new table is to be followed");
	table->ports_changed = false;
	tap(!add_service(table, 1, 0, true) && !table->ports_changed &&
	    !table->services, "a service without a port is none");
	tap(!add_service(table, 3, PORT, true) && table->ports_changed &&
	    table->users[PORT] == 1, "a port is named");
	table->ports_changed = false;
	tap(!add_service(table, 2, PORT, true) &&
	    !add_service(table, 4, PORT + 1, true) &&
	    table->users[PORT] == 2, "and by another service");
	table_each(table, PORT, list, names);
	tap_text("a port's services are in order", names,
		 "10.0.0.2:80/tcp 10.0.0.3:80/tcp ");

	table->ports_changed = false;
	del_service(table, 3);
	tap(!table->ports_changed, "one service less, the port stays");
	add_service(table, 2, PORT + 1, false);
	tap(table->ports_changed && !table->users[PORT] &&
	    table->users[PORT + 1] == 2, "a service changes its port");
	add_service(table, 2, 0, false);
	add_service(table, 4, 0, false);
	del_service(table, 4);
	tap(!table->users[PORT + 1] && !table->services, "none is left");
	table_free(table);
}

static void check_endpoints(void)
{
	struct table *table = table_new();

	add_service(table, 1, PORT, true);
	add_service(table, 2, PORT, true);
	add_service(table, 3, PORT + 1, true);
	tap(!endpoints(table), "no backend, no endpoint");
	add_backend(table, 1, 7, 80);
	add_backend(table, 1, 7, 80);
	tap(endpoints(table) == 1, "a backend that is told twice counts once");
	add_backend(table, 1, 7, 81);
	add_backend(table, 2, 7, 80);
	tap(endpoints(table) == 1, "an address counts once");
	add_backend(table, 2, 8, 80);
	add_backend(table, 1, 9, 80);
	add_backend(table, 3, 10, 80);
	tap(endpoints(table) == 3, "addresses of all services of the port");
	add_backend(table, 4, 11, 80);
	tap(endpoints(table) == 3, "a backend of a service without a port");
	del_service(table, 2);
	tap(endpoints(table) == 2, "a service takes its backends along");
	add_service(table, 1, PORT, true);
	tap(!endpoints(table), "a service that is new has none");
	table_free(table);
}

static void check_ready(void)
{
	struct sluice_service key = service(1, PORT);
	struct sluice_backend changed = backend(7, 80);
	struct table *table = table_new();

	tap(table_set_service(table, &key, false),
	    "backends of a service that was there before are asked for");
	tap(!table_set_service(table, &key, false), "but once");
	add_backend(table, 1, 7, 80);
	changed.state = SLUICE_BACKEND_STATE_DRAINING;
	table_set_backend(table, &key, &changed);
	tap(!endpoints(table), "draining");
	add_backend(table, 1, 7, 80);
	changed.state = SLUICE_BACKEND_STATE_DOWN;
	table_set_backend(table, &key, &changed);
	tap(!endpoints(table), "down");
	add_backend(table, 1, 7, 80);
	changed = backend(7, 80);
	changed.weight = 0;
	table_set_backend(table, &key, &changed);
	tap(!endpoints(table), "without a weight");
	add_backend(table, 1, 7, 80);
	changed = backend(7, 80);
	changed.local = 0;
	table_set_backend(table, &key, &changed);
	tap(!endpoints(table), "on another node");
	add_backend(table, 1, 7, 80);
	tap(endpoints(table) == 1, "ready again");
	table_del_backend(table, &key, &changed);
	table_del_backend(table, &key, &changed);
	tap(!endpoints(table), "gone");
	table_free(table);
}

static void check_many(void)
{
	struct table *table = table_new();
	unsigned int i;

	for (i = 0; i < 256; i++) {
		add_service(table, i, PORT, true);
		add_backend(table, i, i, 80);
		add_backend(table, i, i / 2, 80);
	}
	tap(endpoints(table) == 256, "many services");
	for (i = 0; i < 255; i++)
		del_service(table, i);
	tap(endpoints(table) == 2, "all but one go");
	table_free(table);
}

int main(void)
{
	tap_begin();
	check_services();
	check_endpoints();
	check_ready();
	check_many();
	return tap_end();
}
