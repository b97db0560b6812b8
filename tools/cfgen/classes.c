/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service graph: who talks to whom, on which port, how often by day and by night, how long and
 * how much.
 *
 * Sizes are payload bytes a window as sixteen equally likely bins with a Pareto tail (dist.h); the
 * packets follow from them in emit.c.  Probes, scrapes and pool pings have sizes that hang on the
 * server alone, because real logs are full of such repetition and a generator that draws every
 * number afresh makes logs that no compressor would meet in life.
 */
#include "model.h"

static const gen_quant_t q_short = { { 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 6, 9, 15, 30, 58 }, 0 };
static const gen_quant_t q_blink = { { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4 }, 0 };
static const gen_quant_t q_keep = { { 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 8, 10, 14, 20, 30, 60 }, 3 };
static const gen_quant_t q_pool = { { 5, 8, 12, 16, 20, 25, 30, 36, 44, 52, 60, 75, 90, 110, 140,
                                      180, 240 }, 3 };

static const gen_quant_t q_http_ask = { { 420, 517, 560, 610, 660, 700, 760, 830, 900, 1000, 1150,
                                          1350, 1700, 2300, 3600, 7000, 16000 }, 7 };
static const gen_quant_t q_http_answer = { { 180, 420, 1300, 3600, 4100, 4700, 5400, 6300, 7600,
                                             9400, 12000, 16000, 23000, 36000, 62000, 120000,
                                             300000 }, 8 };
static const gen_quant_t q_rpc_ask = { { 90, 140, 180, 230, 280, 340, 410, 500, 620, 780, 1000,
                                         1400, 2000, 3200, 6000, 14000, 40000 }, 7 };
static const gen_quant_t q_rpc_answer = { { 60, 120, 200, 310, 450, 640, 900, 1300, 1800, 2600,
                                            3800, 5800, 9000, 15000, 28000, 60000, 150000 }, 8 };
static const gen_quant_t q_sql_ask = { { 40, 120, 240, 400, 650, 1000, 1500, 2200, 3200, 4700,
                                         7000, 11000, 17000, 28000, 50000, 90000, 200000 }, 5 };
static const gen_quant_t q_sql_answer = { { 40, 200, 600, 1400, 2800, 5000, 8500, 14000, 22000,
                                            36000, 60000, 100000, 170000, 300000, 600000, 1200000,
                                            3000000 }, 6 };
static const gen_quant_t q_bulk_ask = { { 600, 900, 1300, 2000, 3000, 5000, 9000, 20000, 60000,
                                          200000, 700000, 2000000, 5000000, 8388608, 9000000,
                                          16000000, 40000000 }, 4 };
static const gen_quant_t q_bulk_answer = { { 300, 500, 700, 1000, 1600, 3000, 8000, 30000, 90000,
                                             300000, 900000, 2500000, 5000000, 8388608, 12000000,
                                             24000000, 60000000 }, 4 };
static const gen_quant_t q_probe = { { 60, 74, 80, 86, 92, 100, 108, 116, 124, 134, 144, 156, 170,
                                       190, 220, 260, 330 }, 0 };
static const gen_quant_t q_scrape = { { 900, 1500, 2400, 3600, 5000, 7000, 9500, 12500, 16000,
                                        21000, 27000, 34000, 43000, 55000, 70000, 90000, 120000 },
                                      0 };
static const gen_quant_t q_name_ask = { { 28, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 53, 56, 60,
                                          66, 76, 96 }, 0 };
static const gen_quant_t q_name_answer = { { 44, 50, 58, 64, 70, 78, 86, 94, 104, 116, 130, 146,
                                             166, 190, 230, 300, 480 }, 0 };
static const gen_quant_t q_clock = { { 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
                                       48, 48 }, 0 };
static const gen_quant_t q_echo = { { 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56,
                                      56, 56 }, 0 };

#define TCP 6
#define UDP 17
#define ICMP 1

const gen_class_t gen_classes[] = {
    { GEN_CLIENT, GEN_LB, TCP, GEN_F_V6, { 443, 443, 443, 80 }, 330, 200, 9000,
      &q_keep, &q_short, &q_http_ask, &q_http_answer },
    { GEN_LB, GEN_WEB, TCP, 0, { 8080, 8443, 0, 0 }, 60, 40, 22000,
      &q_keep, &q_short, &q_http_ask, &q_http_answer },
    { GEN_LB, GEN_NODE, TCP, 0, { 30080, 31443, 32090, 0 }, 26, 18, 22000,
      &q_keep, &q_short, &q_http_ask, &q_http_answer },
    { GEN_LB, GEN_WEB, TCP, GEN_F_FIXED, { 8080, 8443, 0, 0 }, 20, 26, 0,
      &q_keep, &q_blink, &q_probe, &q_probe },
    { GEN_WEB, GEN_APP, TCP, 0, { 8080, 9000, 50051, 8081 }, 55, 36, 16000,
      &q_keep, &q_short, &q_rpc_ask, &q_rpc_answer },
    { GEN_APP, GEN_DB, TCP, 0, { 5432, 5432, 3306, 0 }, 3, 2, 60000,
      &q_pool, &q_short, &q_sql_ask, &q_sql_answer },
    { GEN_APP, GEN_CACHE, TCP, 0, { 6379, 6379, 11211, 0 }, 5, 4, 40000,
      &q_pool, &q_short, &q_sql_ask, &q_rpc_answer },
    { GEN_APP, GEN_QUEUE, TCP, 0, { 9092, 9200, 5672, 0 }, 6, 4, 30000,
      &q_keep, &q_short, &q_sql_ask, &q_rpc_answer },
    { GEN_NODE, GEN_NODE, TCP, 0, { 8080, 50051, 9090, 4317 }, 28, 18, 16000,
      &q_keep, &q_short, &q_rpc_ask, &q_rpc_answer },
    { GEN_NODE, GEN_DB, TCP, 0, { 5432, 3306, 0, 0 }, 1, 1, 50000,
      &q_pool, &q_short, &q_sql_ask, &q_sql_answer },
    { GEN_NODE, GEN_QUEUE, TCP, 0, { 9092, 0, 0, 0 }, 2, 2, 50000,
      &q_pool, &q_short, &q_sql_ask, &q_rpc_answer },
    { GEN_APP, GEN_CLOUD, TCP, 0, { 443, 0, 0, 0 }, 26, 18, 9000,
      &q_keep, &q_short, &q_http_ask, &q_http_answer },
    { GEN_WEB, GEN_SERVER, TCP, 0, { 443, 443, 443, 80 }, 12, 7, 9000,
      &q_keep, &q_short, &q_http_ask, &q_http_answer },
    { GEN_NODE, GEN_SERVER, TCP, 0, { 443, 0, 0, 0 }, 8, 5, 9000,
      &q_keep, &q_short, &q_http_ask, &q_http_answer },
    { GEN_APP, GEN_STORE, TCP, 0, { 443, 0, 0, 0 }, 24, 18, 8000,
      &q_keep, &q_short, &q_http_ask, &q_bulk_answer },
    { GEN_BATCH, GEN_STORE, TCP, 0, { 443, 0, 0, 0 }, 8, 40, 20000,
      &q_keep, &q_short, &q_bulk_ask, &q_bulk_answer },
    { GEN_BATCH, GEN_BATCH, TCP, 0, { 7337, 36000, 8042, 0 }, 5, 22, 26000,
      &q_keep, &q_short, &q_rpc_ask, &q_bulk_answer },
    { GEN_BATCH, GEN_DB, TCP, 0, { 5432, 0, 0, 0 }, 1, 4, 40000,
      &q_keep, &q_short, &q_rpc_ask, &q_bulk_answer },
    { GEN_ANY, GEN_RESOLVER, UDP, GEN_F_SHARED, { 53, 0, 0, 0 }, 26, 26, 0,
      &q_keep, &q_blink, &q_name_ask, &q_name_answer },
    { GEN_ANY, GEN_SERVER, UDP, 0, { 123, 0, 0, 0 }, 4, 7, 0,
      &q_keep, &q_blink, &q_clock, &q_clock },
    { GEN_MONITOR, GEN_ANY, TCP, GEN_F_EVERY | GEN_F_FIXED, { 9100, 9090, 9187, 10250 }, 12, 18,
      20000, &q_pool, &q_blink, &q_probe, &q_scrape },
    { GEN_MONITOR, GEN_ANY, ICMP, GEN_F_EVERY | GEN_F_FIXED, { 0, 0, 0, 0 }, 3, 4, 0,
      &q_keep, &q_blink, &q_echo, &q_echo },
    { GEN_APP, GEN_ENDPOINT, TCP, GEN_F_SHARED, { 443, 0, 0, 0 }, 7, 5, 8000,
      &q_keep, &q_short, &q_rpc_ask, &q_rpc_answer },
    { GEN_BASTION, GEN_ANY, TCP, 0, { 22, 0, 0, 0 }, 1, 1, 40000,
      &q_keep, &q_short, &q_rpc_ask, &q_sql_answer },
    { GEN_ADMIN, GEN_BASTION, TCP, 0, { 22, 0, 0, 0 }, 1, 1, 50000,
      &q_keep, &q_short, &q_rpc_ask, &q_sql_answer },
    { GEN_APP, GEN_DB, TCP, GEN_F_DENIED, { 1433, 27017, 3389, 5433 }, 5, 4, 0,
      &q_keep, &q_short, &q_probe, &q_probe }
};

const uint32_t gen_n_classes = sizeof gen_classes / sizeof gen_classes[0];
