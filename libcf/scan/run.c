/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a scan. Every thread does the same loop: give out the next item if it is ready, else read
 * one more item from the earliest input that may be read and work on it, else wait. Inputs are read
 * in lanes: at most CFI_SCAN_LANES at a time, each by one thread at a time, each with a bounded
 * queue of items. Items leave in the order of the inputs and, inside of one, in the order they were
 * read; so threads change the speed and nothing else. The first lane can always proceed (its share
 * of items is its own), hence no deadlock.
 *      input 1 ──► lane ──► [item item item] ──┐
 *      input 2 ──► lane ──► [item item]        ├──► emit, one at a time, lane by lane
 *      input 3 ──► lane ──► [item]           ──┘
 */
#include <stdlib.h>
#include <string.h>

#include "scan.h"

typedef struct lane {
    cfi_source_t *source;          /* own, or the scan's first; readers hold pointers into it, so it does not move */
    cfi_source_t own;
    bool used, opened;
    bool reading;                  /* a thread is in open or next */
    bool finished;                 /* no further items; rc tells why */
    bool failed;                   /* an item failed: drop the rest of this input */
    int rc;
    cf_diag_t diag;
    size_t index;                  /* of the input */
    cf_item_t **queue;             /* ring of quota items */
    unsigned head, count;
} lane_t;

typedef struct run {
    cf_scan_t *s;
    const cf_scan_task_t *t;
    pthread_cond_t changed;
    lane_t lanes[CFI_SCAN_LANES];
    unsigned nlanes, quota;
    cf_item_t *items;
    cf_item_t **unused;            /* stack of free items */
    unsigned nunused;
    size_t next_input;             /* next to be given a lane */
    size_t emit_index;             /* input whose items leave now */
    bool emitting;
    bool stop;
    int rc;                        /* fatal */
    cf_diag_t diag;
    int first_bad;                 /* keep_going: first input's error */
    cf_diag_t first_bad_diag;
} run_t;

typedef struct worker {
    run_t *r;
    unsigned number;
    pthread_t thread;
} worker_t;

bool cf_scan_input_error(int rc)
{
    switch (rc) {
    case CF_E_IO:
    case CF_E_FORMAT:
    case CF_E_TRUNC:
    case CF_E_CHECKSUM:
    case CF_E_VERSION:
    case CF_E_DETECT:
        return true;
    default:
        return false;
    }
}

static void fatal(run_t *r, int rc, const cf_diag_t *d)
{
    if (r->rc == CF_OK && !r->stop) {
        r->rc = rc;
        r->diag = *d;
    }
    r->stop = true;
}

static lane_t *emitting_lane(run_t *r)
{
    for (unsigned i = 0; i < r->nlanes; i++)
        if (r->lanes[i].used && r->lanes[i].index == r->emit_index)
            return &r->lanes[i];
    return NULL;
}

static void release(run_t *r, cf_item_t *it)
{
    r->unused[r->nunused++] = it;
}

/* Locked. The head of the lane leaves its queue and, unless its input failed, goes to emit. */
static void emit_head(run_t *r, lane_t *lane)
{
    cf_scan_t *s = r->s;
    cf_item_t *it = lane->queue[lane->head];
    int rc = it->rc;
    cf_diag_t d = it->diag;

    lane->head = (lane->head + 1) % r->quota;
    lane->count--;
    if (rc == CF_OK && !lane->failed) {
        it->first_row = s->totals.rows;
        r->emitting = true;
        pthread_mutex_unlock(&s->lock);
        memset(&d, 0, sizeof d);
        if (r->t->emit != NULL)
            rc = r->t->emit(r->t->ctx, it, &d);
        pthread_mutex_lock(&s->lock);
        r->emitting = false;
        s->totals.rows += it->rows;
        s->totals.blocks++;
        if (rc == CF_EOF)
            r->stop = true;
        else if (rc != CF_OK)
            fatal(r, rc, &d);
    } else if (rc != CF_OK && !lane->failed) {
        if (cf_scan_input_error(rc)) {
            lane->failed = true;
            lane->rc = rc;
            lane->diag = d;
        } else {
            fatal(r, rc, &d);
        }
    }
    release(r, it);
}

static void close_lane(run_t *r, lane_t *lane)
{
    if (!lane->opened)
        return;
    cfi_source_close(lane->source);
    if (lane->source == &r->s->first)
        r->s->first_open = false;
    lane->opened = false;
}

/* Not locked. What became of a raw log, to the command. */
static void tell_input(cf_scan_t *s, const cfi_source_t *src, bool bad)
{
    cf_scan_input_t i = { .name = src->display, .reader = src->reader, .account = &src->account,
                          .rejects = &src->rejects, .schema = src->schema, .begin = src->begin,
                          .why = src->why };

    if (s->o.on_input == NULL)
        return;
    for (unsigned k = 0; k < src->nproviders; k++)
        i.providers[k] = src->providers[k];
    i.end = bad ? CF_SCAN_FAILED : src->cut ? CF_SCAN_CUT : CF_SCAN_WHOLE;
    if (s->o.growing && src->place.known)
        i.place = &src->place;
    s->o.on_input(s->o.ctx, &i);
}

/*
 * Locked. All items of the lane have left: report the input, add up, free the lane for the next
 * input.
 */
static void finish_lane(run_t *r, lane_t *lane)
{
    cf_scan_t *s = r->s;
    cfi_source_t *src = lane->source;
    bool bad = lane->rc != CF_EOF;

    r->emitting = true;
    pthread_mutex_unlock(&s->lock);
    if (lane->opened) {
        if (src->stream != NULL) {
            cf_stream_totals_t t;

            cf_stream_totals(src->stream, &t);
            if (cf_provenance_merge(s->provenance, cf_stream_provenance(src->stream)) != CF_OK && !bad) {
                bad = true;
                lane->rc = cf_diag_set(&lane->diag, CF_E_NOMEM, "out of memory");
            }
            pthread_mutex_lock(&s->lock);
            s->totals.skipped_blocks += t.skipped_blocks;
            s->totals.skipped_rows += t.skipped_rows;
            pthread_mutex_unlock(&s->lock);
        } else {
            tell_input(s, src, bad);
        }
    }
    if (bad && s->o.keep_going && s->o.on_error != NULL)
        s->o.on_error(s->o.ctx, &lane->diag);
    pthread_mutex_lock(&s->lock);
    r->emitting = false;
    s->totals.inputs++;
    s->totals.inputs_failed += bad;
    if (lane->opened)
        cf_account_add(&s->totals.account, &src->account);
    s->bytes_finished += s->lane_done[lane - r->lanes];
    s->lane_done[lane - r->lanes] = 0;
    if (bad && r->first_bad == CF_OK) {
        r->first_bad = lane->rc;
        r->first_bad_diag = lane->diag;
    }
    if (bad && (!s->o.keep_going || !cf_scan_input_error(lane->rc)))
        fatal(r, lane->rc, &lane->diag);
    close_lane(r, lane);
    lane->used = false;
    r->emit_index++;
}

static lane_t *free_lane(run_t *r)
{
    for (unsigned i = 0; i < r->nlanes; i++)
        if (!r->lanes[i].used)
            return &r->lanes[i];
    return NULL;
}

/*
 * Locked. The earliest input that may be read now; a new one when all open ones are busy or ahead
 * enough.
 */
static lane_t *lane_to_read(run_t *r)
{
    lane_t *best = NULL;

    for (unsigned i = 0; i < r->nlanes; i++) {
        lane_t *lane = &r->lanes[i];

        if (lane->used && !lane->reading && !lane->finished && !lane->failed && lane->count < r->quota &&
            (best == NULL || lane->index < best->index))
            best = lane;
    }
    if (best == NULL && r->next_input < r->s->nnames && (best = free_lane(r)) != NULL) {
        cf_item_t **queue = best->queue;

        memset(best, 0, sizeof *best);
        best->queue = queue;
        best->used = true;
        best->index = r->next_input++;
    }
    return best;
}

/* Not locked. */
static int open_lane(run_t *r, lane_t *lane, cf_diag_t *d)
{
    cf_scan_t *s = r->s;

    lane->source = &lane->own;
    if (lane->index > 0 || s->peeked == 0)
        return cfi_source_open(lane->source, s, s->names[lane->index], d);
    if (!s->first_open) {
        *d = s->first_diag;
        return s->first_rc;
    }
    lane->source = &s->first;
    return CF_OK;
}

static uint64_t bytes_so_far(const cfi_source_t *src)
{
    uint64_t done = 0, size;
    cf_stream_totals_t t;

    if (src->stream != NULL) {
        cf_stream_totals(src->stream, &t);
        done = t.bytes;
    } else if (src->in != NULL) {
        cf_input_progress(src->in, &done, &size);
    }
    return done;
}

/* Locked on entry and exit. Read one item from the lane and work on it. */
static void read_and_work(run_t *r, lane_t *lane, unsigned worker)
{
    cf_scan_t *s = r->s;
    cf_item_t *it = r->unused[--r->nunused];
    cf_diag_t d = CF_DIAG_INIT;
    bool opened = lane->opened;
    uint64_t done = 0;
    int rc = CF_OK;

    lane->reading = true;
    pthread_mutex_unlock(&s->lock);
    if (!opened) {
        rc = open_lane(r, lane, &d);
        opened = rc == CF_OK;
    }
    if (rc == CF_OK) {
        rc = cfi_source_next(lane->source, it, &d);
        done = bytes_so_far(lane->source);
    }
    pthread_mutex_lock(&s->lock);
    lane->reading = false;
    lane->opened = opened;
    s->lane_done[lane - r->lanes] = done;
    if (rc != CF_OK) {
        lane->finished = true;
        if (!lane->failed) {
            lane->rc = rc;
            lane->diag = d;
        }
        release(r, it);
        pthread_cond_broadcast(&r->changed);
        return;
    }
    it->done = false;
    it->rc = CF_OK;
    memset(&it->diag, 0, sizeof it->diag);
    lane->queue[(lane->head + lane->count++) % r->quota] = it;
    pthread_cond_broadcast(&r->changed);
    if (r->t->work != NULL && !lane->failed) {
        pthread_mutex_unlock(&s->lock);
        rc = r->t->work(r->t->ctx, worker, it, &it->diag);
        pthread_mutex_lock(&s->lock);
    }
    it->rc = rc;
    it->done = true;
    pthread_cond_broadcast(&r->changed);
}

static void *work_loop(void *arg)
{
    worker_t *w = arg;
    run_t *r = w->r;
    cf_scan_t *s = r->s;

    pthread_mutex_lock(&s->lock);
    while (!r->stop) {
        lane_t *lane = r->emitting ? NULL : emitting_lane(r);

        if (lane != NULL && lane->count > 0 && lane->queue[lane->head]->done) {
            emit_head(r, lane);
            pthread_cond_broadcast(&r->changed);
            continue;
        }
        if (lane != NULL && lane->count == 0 && lane->failed && !lane->reading)
            lane->finished = true;
        if (lane != NULL && lane->count == 0 && lane->finished) {
            finish_lane(r, lane);
            pthread_cond_broadcast(&r->changed);
            continue;
        }
        if (r->emit_index >= s->nnames)
            break;
        lane = r->nunused > 0 ? lane_to_read(r) : NULL;
        if (lane != NULL)
            read_and_work(r, lane, w->number);
        else
            pthread_cond_wait(&r->changed, &s->lock);
    }
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static int prepare(run_t *r)
{
    cf_scan_t *s = r->s;

    /* Few inputs have few lanes, so that a single one has all items and its threads need not wait. */
    r->nlanes = s->o.threads == 1 || s->nnames < 1 ? 1 : CFI_SCAN_LANES;
    r->nlanes = r->nlanes > s->nnames && s->nnames > 0 ? (unsigned)s->nnames : r->nlanes;
    r->quota = s->slots / r->nlanes;
    r->items = calloc(s->slots, sizeof *r->items);
    r->unused = calloc(s->slots, sizeof *r->unused);
    if (r->items == NULL || r->unused == NULL)
        return CF_E_NOMEM;
    for (unsigned i = 0; i < s->slots; i++) {
        if (cfi_item_init(&r->items[i], i) != CF_OK)
            return CF_E_NOMEM;
        r->unused[r->nunused++] = &r->items[i];
    }
    for (unsigned i = 0; i < r->nlanes; i++) {
        r->lanes[i].queue = calloc(r->quota, sizeof *r->lanes[i].queue);
        if (r->lanes[i].queue == NULL)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

static void clean_up(run_t *r)
{
    for (unsigned i = 0; i < r->nlanes; i++) {
        close_lane(r, &r->lanes[i]);
        free(r->lanes[i].queue);
    }
    for (unsigned i = 0; r->items != NULL && i < r->s->slots; i++)
        cfi_item_fini(&r->items[i]);
    free(r->items);
    free(r->unused);
    pthread_cond_destroy(&r->changed);
}

int cf_scan_run(cf_scan_t *s, const cf_scan_task_t *t, cf_diag_t *d)
{
    run_t r = { .s = s, .t = t };
    worker_t workers[64];
    unsigned started = 1;
    int rc;

    pthread_cond_init(&r.changed, NULL);
    rc = prepare(&r);
    if (rc != CF_OK) {
        clean_up(&r);
        return cf_diag_set(d, rc, "out of memory");
    }
    workers[0] = (worker_t){ .r = &r, .number = 0 };
    for (; started < s->o.threads; started++) {
        workers[started] = (worker_t){ .r = &r, .number = started };
        /* Fewer threads than asked for is slower and nothing else. */
        if (pthread_create(&workers[started].thread, NULL, work_loop, &workers[started]) != 0)
            break;
    }
    work_loop(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    rc = r.rc;
    if (rc != CF_OK && d != NULL)
        *d = r.diag;
    if (rc == CF_OK && r.first_bad != CF_OK) {
        rc = r.first_bad;
        if (d != NULL)
            *d = r.first_bad_diag;
    }
    clean_up(&r);
    return rc;
}
