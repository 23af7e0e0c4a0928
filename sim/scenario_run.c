// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios: checking them against a board, and running them. See scenario.h.
#include "scenario.h"
#include "ui/ui.h"
#include <math.h>
#include <string.h>

struct runner;
typedef struct ear { // listens to one board
    struct runner *runner;
    session_t *session;
    GByteArray *unread; // with several boards: what came while nobody waited for it
} ear_t;

typedef struct runner {
    const scenario_t *scenario;
    session_t *session; // the first board's
    ear_t *ears;        // one for each board
    const ear_t *waited; // the one whose serial line is waited for, or NULL
    uint64_t end_ps;
    void (*log)(void *ctx, const char *line);
    void *log_ctx;
    // wait-serial: the text looked for, and how much of it is matched so far (KMP).
    const char *wanted;
    size_t wanted_n, matched;
    GArray *fallback; // of size_t
    bool found;
    ui_t *picture; // from the first screenshot on
} runner_t;

static bool check_fail(const scenario_t *s, const scenario_step_t *step, const char *what,
                       GError **error)
{
    g_set_error(error, scenario_error_quark(), 0, "%s:%d: %s", s->path, step->line, what);
    return false;
}

static pin_t *step_pin(session_t *session, const scenario_step_t *step, GError **error)
{
    // "ID.part" is a part on that board.
    const session_t *one = session_find_part(session, step->part, NULL);
    const char *dot = strchr(step->part, '.'), *part = step->part;
    if (!one)
        one = session;
    else if (dot && !machine_part(one->m, part))
        part = dot + 1;
    g_autofree char *name = g_strdup_printf("%s:%s", part, step->pin);
    return diagram_pin(one->diagram, one->m, name, error);
}

static session_t *step_serial(session_t *session, const scenario_step_t *step)
{
    return step->serial ? session_board(session, step->serial) : session;
}

static bool check_step(const scenario_t *s, const scenario_step_t *step, session_t *session,
                       GError **error)
{
    g_autoptr(GError) inner = NULL;
    g_autofree char *text = NULL;
    if (step->kind == STEP_EXPECT_PIN)
        return step_pin(session, step, &inner) || check_fail(s, step, inner->message, error);
    if (step->kind == STEP_SCREENSHOT)
        return ui_picture.available(&inner) || check_fail(s, step, inner->message, error);
    if (step->kind == STEP_WAIT_SERIAL || step->kind == STEP_WRITE_SERIAL) {
        const session_t *one = step_serial(session, step);
        if (!one)
            text = g_strdup_printf("there is no board '%s'", step->serial);
        else if (!one->serial)
            text = g_strdup("this board has no serial connection");
        return !text || check_fail(s, step, text, error);
    }
    bool display = step->kind == STEP_EXPECT_DISPLAY || step->kind == STEP_WAIT_DISPLAY;
    if (!display && step->kind != STEP_SET_CONTROL && step->kind != STEP_EXPECT_CONTROL &&
        step->kind != STEP_WAIT_CONTROL)
        return true;
    part_t *p;
    bool found = session_find_part(session, step->part, &p);
    int prop = p && !display ? part_prop_find(p, step->pin) : -1;
    if (display && p)
        text = p->cls->show ? NULL : g_strdup_printf("part '%s' (%s) is no display", step->part,
                                                     p->cls->name);
    else if (found && !p && display)
        text = g_strdup_printf("a part on board '%s' is '%s.NAME'", step->part, step->part);
    else if (found && !p)
        text = g_strdup_printf("board '%s' has no control '%s'; a part on it is '%s.NAME'",
                               step->part, step->pin, step->part);
    else if (!p)
        text = g_strdup_printf("there is no part '%s'", step->part);
    else if (prop < 0)
        text = g_strdup_printf("part '%s' (%s) has no control '%s'", step->part, p->cls->name,
                               step->pin);
    else if (step->kind == STEP_SET_CONTROL && p->cls->props[prop].kind == PROP_OUTPUT)
        text = g_strdup_printf("'%s' of part '%s' can be looked at, not set", step->pin, step->part);
    else if (step->kind == STEP_SET_CONTROL &&
             (step->value < p->cls->props[prop].min || step->value > p->cls->props[prop].max))
        text = g_strdup_printf("'%s' of part '%s' goes from %g to %g, not to %g", step->pin,
                               step->part, p->cls->props[prop].min, p->cls->props[prop].max,
                               step->value);
    return !text || check_fail(s, step, text, error);
}

bool scenario_check(const scenario_t *s, session_t *session, GError **error)
{
    for (guint i = 0; i < s->steps->len; i++)
        if (!check_step(s, &g_array_index(s->steps, scenario_step_t, i), session, error))
            return false;
    return true;
}

// ---- Running ------------------------------------------------------------------------------------------

static uint64_t now_ps(const runner_t *r) { return world_now_ps(r->session->world); }

static void say(runner_t *r, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(runner_t *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *line = g_strdup_printf("[%s] %s", r->scenario->name, text);
    r->log(r->log_ctx, line);
}

static scenario_result_t failed(runner_t *r, const scenario_step_t *step, const char *what)
{
    say(r, "[%" G_GUINT64_FORMAT "ns] %s:%d: %s", now_ps(r) / PS_PER_NS,
        r->scenario->path, step->line, what);
    return SCENARIO_FAIL;
}

// Runs to `until_ps`, to the end of the time allowed, or until `*stop` becomes true.
static scenario_result_t advance(runner_t *r, const scenario_step_t *step, uint64_t until_ps,
                                 const bool *stop)
{
    while (!(stop && *stop)) {
        uint64_t target = MIN(until_ps, r->end_ps);
        if (now_ps(r) >= target) {
            if (until_ps <= r->end_ps)
                return SCENARIO_PASS;
            say(r, "[%" G_GUINT64_FORMAT "ns] %s:%d: timeout", now_ps(r) / PS_PER_NS,
                r->scenario->path, step->line);
            return SCENARIO_TIMEOUT;
        }
        machine_t *m;
        switch (world_run(r->session->world, target, &m)) {
        case MACHINE_TIME:
        case MACHINE_PAUSE:
            break;
        case MACHINE_LOCKUP:
            return failed(r, step, "the CPU is locked up");
        case MACHINE_FATAL:
            return failed(r, step,
                          m->strict ? "something that is not modelled was used (--strict)"
                                       : "the simulation cannot go on");
        case MACHINE_EXIT:
            return failed(r, step, "the program ended itself");
        case MACHINE_BREAK:
            return failed(r, step, "the program stopped at a breakpoint");
        }
    }
    return SCENARIO_PASS;
}

static void match(runner_t *r, uint8_t byte)
{
    while (r->matched && (uint8_t)r->wanted[r->matched] != byte)
        r->matched = g_array_index(r->fallback, size_t, r->matched - 1);
    if ((uint8_t)r->wanted[r->matched] == byte)
        r->matched++;
    r->found = r->matched == r->wanted_n;
}

static void on_serial(void *ctx, uint8_t byte, uint64_t at_ps)
{
    const ear_t *ear = ctx;
    runner_t *r = ear->runner;
    if (r->waited != ear || r->found) {
        if (r->session->boards->len > 1)
            g_byte_array_append(ear->unread, &byte, 1);
        return;
    }
    match(r, byte);
    if (r->found)
        machine_pause(ear->session->m);
}

// For each prefix, the length of its longest proper prefix that is also its suffix (Knuth, Morris, Pratt).
static void prepare_match(runner_t *r, GBytes *text)
{
    r->wanted = g_bytes_get_data(text, &r->wanted_n);
    r->matched = 0;
    r->found = false;
    g_array_set_size(r->fallback, r->wanted_n);
    g_array_index(r->fallback, size_t, 0) = 0;
    for (size_t i = 1, k = 0; i < r->wanted_n; i++) {
        while (k && r->wanted[i] != r->wanted[k])
            k = g_array_index(r->fallback, size_t, k - 1);
        k += r->wanted[i] == r->wanted[k];
        g_array_index(r->fallback, size_t, i) = k;
    }
}

static ear_t *ear_of(runner_t *r, const session_t *session)
{
    ear_t *ear = r->ears;
    while (ear->session != session)
        ear++;
    return ear;
}

static scenario_result_t wait_serial(runner_t *r, const scenario_step_t *step)
{
    ear_t *ear = ear_of(r, step_serial(r->session, step));
    prepare_match(r, step->text);
    guint n = 0;
    while (n < ear->unread->len && !r->found)
        match(r, ear->unread->data[n++]);
    if (n)
        g_byte_array_remove_range(ear->unread, 0, n);
    r->waited = ear;
    scenario_result_t result = advance(r, step, PS_NEVER - 1, &r->found);
    r->waited = NULL;
    return result;
}

static scenario_result_t expect_pin(runner_t *r, const scenario_step_t *step)
{
    pin_t *pin = step_pin(r->session, step, NULL);
    bool level = pin_level(pin);
    if (level == (step->value != 0))
        return SCENARIO_PASS;
    g_autofree char *text = g_strdup_printf("pin %s:%s is %d, expected %d", step->part, step->pin,
                                            level, step->value != 0);
    return failed(r, step, text);
}

// Runs on, a millisecond at a time, until `reached` says so.
static scenario_result_t wait_until(runner_t *r, const scenario_step_t *step,
                                    bool (*reached)(runner_t *r, const scenario_step_t *step))
{
    scenario_result_t result = SCENARIO_PASS;
    while (result == SCENARIO_PASS && !reached(r, step))
        result = advance(r, step, now_ps(r) + PS_PER_MS, NULL);
    return result;
}

static bool control_reached(runner_t *r, const scenario_step_t *step)
{
    part_t *p;
    session_find_part(r->session, step->part, &p);
    return fabs(part_prop_get(p, part_prop_find(p, step->pin)) - step->value) <= step->tolerance;
}

static bool fits(const char *pattern, const char *text)
{
    while (*pattern && *text && (*pattern == *text || (*pattern == '?' && *text != '\n') ||
                                 (*pattern == '+' && *text != '\n' && *text != '0'))) {
        pattern++;
        text++;
    }
    return !*pattern && !*text;
}

static char *display_text(runner_t *r, const scenario_step_t *step)
{
    part_t *p;
    session_find_part(r->session, step->part, &p);
    GString *text = g_string_new(NULL);
    p->cls->show(p, text);
    return g_string_free(text, FALSE);
}

static bool display_reached(runner_t *r, const scenario_step_t *step)
{
    g_autofree char *text = display_text(r, step);
    return fits(g_bytes_get_data(step->text, NULL), text);
}

static scenario_result_t display(runner_t *r, const scenario_step_t *step)
{
    scenario_result_t result = SCENARIO_PASS;
    if (step->kind == STEP_WAIT_DISPLAY)
        result = wait_until(r, step, display_reached);
    if (result == SCENARIO_FAIL || display_reached(r, step))
        return result;
    g_autofree char *text = display_text(r, step);
    g_strdelimit(text, "\n", ' ');
    if (result == SCENARIO_TIMEOUT) {
        say(r, "%s shows %s", step->part, text);
        return result;
    }
    g_autofree char *wanted = g_strdelimit(g_strdup(g_bytes_get_data(step->text, NULL)), "\n", ' ');
    g_autofree char *what = g_strdup_printf("%s shows %s, expected %s", step->part, text, wanted);
    return failed(r, step, what);
}

static scenario_result_t control(runner_t *r, const scenario_step_t *step)
{
    part_t *p;
    session_find_part(r->session, step->part, &p);
    int prop = part_prop_find(p, step->pin);
    if (step->kind == STEP_WAIT_CONTROL) {
        scenario_result_t result = wait_until(r, step, control_reached);
        if (result == SCENARIO_TIMEOUT)
            say(r, "%s of %s is %g", step->pin, step->part, part_prop_get(p, prop));
        return result;
    }
    if (step->kind == STEP_SET_CONTROL) {
        g_autoptr(GError) error = NULL;
        return part_prop_set(p, prop, step->value, &error) ? SCENARIO_PASS
                                                           : failed(r, step, error->message);
    }
    double value = part_prop_get(p, prop);
    if (fabs(value - step->value) <= step->tolerance)
        return SCENARIO_PASS;
    g_autofree char *text = g_strdup_printf("%s of %s is %g, expected %g (tolerance %g)", step->pin,
                                            step->part, value, step->value, step->tolerance);
    return failed(r, step, text);
}

static scenario_result_t screenshot(runner_t *r, const scenario_step_t *step)
{
    g_autoptr(GError) error = NULL;
    if (!r->picture && !(r->picture = ui_picture.open(r->session, &error)))
        return failed(r, step, error->message);
    g_autoptr(GBytes) png = r->picture->cls->png(r->picture, step->part, &error);
    if (!png)
        return failed(r, step, error->message);
    gsize n, old_n;
    const char *bytes = g_bytes_get_data(png, &n);
    if (step->save_to && !g_file_set_contents(step->save_to, bytes, n, &error))
        return failed(r, step, error->message);
    if (!step->compare_with)
        return SCENARIO_PASS;
    g_autofree char *old = NULL;
    if (!g_file_get_contents(step->compare_with, &old, &old_n, &error))
        return failed(r, step, error->message);
    if (n == old_n && !memcmp(old, bytes, n))
        return SCENARIO_PASS;
    g_autofree char *text = g_strdup_printf("the screenshot differs from %s", step->compare_with);
    return failed(r, step, text);
}

static scenario_result_t run_step(runner_t *r, const scenario_step_t *step)
{
    gsize n;
    switch (step->kind) {
    case STEP_DELAY:
        return advance(r, step, now_ps(r) + step->delay_ps, NULL);
    case STEP_EXPECT_PIN:
        return expect_pin(r, step);
    case STEP_SET_CONTROL:
    case STEP_EXPECT_CONTROL:
    case STEP_WAIT_CONTROL:
        return control(r, step);
    case STEP_EXPECT_DISPLAY:
    case STEP_WAIT_DISPLAY:
        return display(r, step);
    case STEP_WAIT_SERIAL:
        return wait_serial(r, step);
    case STEP_WRITE_SERIAL: {
        const void *bytes = g_bytes_get_data(step->text, &n);
        session_write(step_serial(r->session, step), bytes, n);
        return SCENARIO_PASS;
    }
    case STEP_SCREENSHOT:
        return screenshot(r, step);
    }
    return SCENARIO_FAIL;
}

scenario_result_t scenario_run(const scenario_t *s, session_t *session, uint64_t timeout_ps,
                               void (*log)(void *ctx, const char *line), void *ctx)
{
    runner_t r = {.scenario = s, .session = session, .log = log, .log_ctx = ctx};
    r.end_ps = s->timeout_ps ? s->timeout_ps : timeout_ps;
    r.fallback = g_array_new(FALSE, TRUE, sizeof(size_t));
    r.ears = g_new0(ear_t, session->boards->len);
    for (guint i = 0; i < session->boards->len; i++) {
        r.ears[i] = (ear_t){&r, session->boards->pdata[i], g_byte_array_new()};
        session_on_serial(r.ears[i].session, on_serial, &r.ears[i]);
    }
    scenario_result_t result = SCENARIO_PASS;
    for (guint i = 0; i < s->steps->len && result == SCENARIO_PASS; i++) {
        const scenario_step_t *step = &g_array_index(s->steps, scenario_step_t, i);
        if (step->title)
            say(&r, "%s", step->title);
        result = run_step(&r, step);
    }
    if (result == SCENARIO_PASS)
        say(&r, "Scenario completed successfully");
    for (guint i = 0; i < session->boards->len; i++) {
        session_off_serial(r.ears[i].session, on_serial, &r.ears[i]);
        g_byte_array_unref(r.ears[i].unread);
    }
    g_free(r.ears);
    g_array_unref(r.fallback);
    if (r.picture)
        r.picture->cls->close(r.picture);
    return result;
}
