/* SPDX-License-Identifier: MIT
 * machine_pin.c: machine.Pin and machine.Signal. Interrupt handlers written in Python run soon after the interrupt, between
 * two instructions of the program; hard=True is accepted and means the same.
 */
#include "machine.h"

/* ---- finding pins ---- */

static val_t find_name(val_t name)
{
    str_t *s = str_intern_val(name);
    val_t v = dict_get_str(&machine_pins_board, s);
    if (v == V_UNDEF)
        v = dict_get_str(&machine_pins_cpu, s);
    if (v == V_UNDEF && s->len > 1 && s->data[0] == 'P') /* PA0 is A0 */
        v = dict_get_str(&machine_pins_cpu, str_intern(s->data + 1, s->len - 1));
    return v;
}

val_t pin_by_number(unsigned number)
{
    for (unsigned i = 0; i < machine_pin_count; i++)
        if (machine_pins[i].number == number)
            return V_OBJ(&machine_pins[i]);
    return V_UNDEF;
}

const pin_t *pin_arg(val_t v)
{
    if (is_exact(v, &type_Pin))
        return (const pin_t *)obj_of(v);
    val_t found = is_int(v) ? pin_by_number((unsigned)int_of(v)) : is_str(v) ? find_name(v) : V_UNDEF;
    if (found == V_UNDEF)
        raise_format(&type_ValueError, "no pin %v", v);
    return (const pin_t *)obj_of(found);
}

static const pin_t *pin_of(val_t self) { return (const pin_t *)obj_of(self); }

/* ---- making and configuring ---- */

enum { MODE, PULL, VALUE, DRIVE, ALT };

static void configure(const pin_t *pin, const arg_t *a)
{
    if (a[VALUE].v != V_UNDEF)
        hal_pin_write(pin->number, op_is_true(a[VALUE].v));
    if (a[MODE].i == -1)
        return;
    if (a[MODE].i < HAL_IN || a[MODE].i > HAL_ANALOG)
        raise_value("invalid pin mode");
    intptr_t pull = a[PULL].v == V_NONE ? HAL_PULL_NONE : int_arg(a[PULL].v);
    if (pull == -1)
        pull = HAL_PULL_NONE;
    if (pull < HAL_PULL_NONE || pull > HAL_PULL_DOWN)
        raise_value("invalid pin pull");
    if (a[ALT].i < 0 || a[ALT].i > 15)
        raise_value("invalid alternate function");
    hal_pin_config(pin->number, (hal_pin_mode_t)a[MODE].i, (hal_pull_t)pull, (unsigned)a[ALT].i);
    if (a[VALUE].v != V_UNDEF) /* the port's clock may not have been on before */
        hal_pin_write(pin->number, op_is_true(a[VALUE].v));
}

static void parse_and_configure(const pin_t *pin, unsigned n, unsigned nkw, const val_t *args)
{
    static const arg_spec_t specs[] = {
        {Q(mode), ARG_INT, {.i = -1}},
        {Q(pull), ARG_OBJ, {.v = V_NONE}},
        {Q(value), ARG_OBJ | ARG_KEYWORD, {.v = V_UNDEF}},
        {Q(drive), ARG_INT | ARG_KEYWORD, {.i = 0}},
        {Q(alt), ARG_INT | ARG_KEYWORD, {.i = 0}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    configure(pin, a);
}

static val_t pin_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n < 1)
        raise_type("Pin needs an id");
    const pin_t *pin = pin_arg(args[0]);
    if (n > 1 || nkw)
        parse_and_configure(pin, n - 1, nkw, args + 1);
    return V_OBJ(pin);
}

static val_t pin_init(unsigned n, unsigned nkw, const val_t *args)
{
    parse_and_configure(pin_of(args[0]), n - 1, nkw, args + 1);
    return V_NONE;
}

static void pin_print(out_t *out, val_t self, print_t how)
{
    static const char *const modes[] = {"IN", "OUT", "OPEN_DRAIN", "ALT", "ALT_OPEN_DRAIN", "ANALOG"};
    static const char *const pulls[] = {"", ", pull=Pin.PULL_UP", ", pull=Pin.PULL_DOWN"};
    const pin_t *pin = pin_of(self);
    hal_pin_mode_t mode = hal_pin_mode(pin->number);
    out_printf(out, "Pin(Pin.cpu.%q, mode=Pin.%s%s", pin->name, modes[mode], pulls[hal_pin_pull(pin->number)]);
    if (mode == HAL_ALT || mode == HAL_ALT_OPEN_DRAIN)
        out_printf(out, ", alt=%u", hal_pin_alt(pin->number));
    out_text(out, ")");
}

/* ---- level ---- */

static val_t get_or_set(unsigned number, unsigned n, const val_t *args, bool invert)
{
    if (n == 0)
        return V_INT(hal_pin_read(number) != invert);
    hal_pin_write(number, op_is_true(args[0]) != invert);
    return V_NONE;
}

static val_t pin_value(unsigned n, const val_t *args)
{
    return get_or_set(pin_of(args[0])->number, n - 1, args + 1, false);
}

static val_t pin_call(val_t self, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 1);
    return get_or_set(pin_of(self)->number, n, args, false);
}

static val_t pin_on(val_t self)
{
    hal_pin_write(pin_of(self)->number, true);
    return V_NONE;
}

static val_t pin_off(val_t self)
{
    hal_pin_write(pin_of(self)->number, false);
    return V_NONE;
}

static val_t pin_toggle(val_t self)
{
    hal_pin_write(pin_of(self)->number, !hal_pin_out(pin_of(self)->number));
    return V_NONE;
}

/* ---- questions ---- */

static void configure_again(const pin_t *pin, hal_pin_mode_t mode, hal_pull_t pull)
{
    hal_pin_config(pin->number, mode, pull, hal_pin_alt(pin->number));
}

static val_t pin_mode(unsigned n, const val_t *args)
{
    const pin_t *pin = pin_of(args[0]);
    if (n == 1)
        return V_INT(hal_pin_mode(pin->number));
    intptr_t mode = int_arg(args[1]);
    if (mode < HAL_IN || mode > HAL_ANALOG)
        raise_value("invalid pin mode");
    configure_again(pin, (hal_pin_mode_t)mode, hal_pin_pull(pin->number));
    return V_NONE;
}

static val_t pin_pull(unsigned n, const val_t *args)
{
    const pin_t *pin = pin_of(args[0]);
    if (n == 1) {
        hal_pull_t pull = hal_pin_pull(pin->number);
        return pull == HAL_PULL_NONE ? V_NONE : V_INT(pull);
    }
    intptr_t pull = args[1] == V_NONE ? HAL_PULL_NONE : int_arg(args[1]);
    if (pull < HAL_PULL_NONE || pull > HAL_PULL_DOWN)
        raise_value("invalid pin pull");
    configure_again(pin, hal_pin_mode(pin->number), (hal_pull_t)pull);
    return V_NONE;
}

static val_t pin_name(val_t self) { return V_OBJ(pin_of(self)->name); }
static val_t pin_af(val_t self) { return V_INT(hal_pin_alt(pin_of(self)->number)); }

static val_t pin_names(val_t self)
{
    list_t *l = list_of(list_new(0, NULL));
    unsigned pos = 0;
    val_t key, value;
    list_append(l, V_OBJ(pin_of(self)->name));
    while (dict_next(&machine_pins_board, &pos, &key, &value))
        if (value == self)
            list_append(l, key);
    return V_OBJ(l);
}

/* ---- interrupts ---- */

/* Who is called: in the heap, one row of three words for each watched pin. */
enum { WATCH_PIN, WATCH_HANDLER, WATCH_ARG, WATCH_WORDS, WATCH_MAX = 16 };
static val_t watches; /* vals_t */

static val_t *watch_row(unsigned number, bool make)
{
    vals_t *v = (vals_t *)obj_of(watches);
    val_t *empty = NULL;
    for (unsigned i = 0; watches && i < WATCH_MAX; i++) {
        val_t *row = v->v + i * WATCH_WORDS;
        if (row[WATCH_PIN] == V_INT(number))
            return row;
        if (!empty && row[WATCH_PIN] == 0)
            empty = row;
    }
    return make ? empty : NULL;
}

void pin_watch(unsigned number, unsigned edges, val_t handler, val_t arg)
{
    if (!watches) {
        watches = V_OBJ(vals_new(WATCH_MAX * WATCH_WORDS));
        heap_root(&watches);
    }
    bool on = handler != V_NONE && edges;
    hal_pin_irq(number, 0);
    val_t *row = watch_row(number, on);
    if (!on) {
        if (row)
            row[WATCH_PIN] = row[WATCH_HANDLER] = row[WATCH_ARG] = 0;
        return;
    }
    if (!row)
        raise_text(&type_OSError, "too many pin interrupts");
    row[WATCH_HANDLER] = handler;
    row[WATCH_ARG] = arg;
    row[WATCH_PIN] = V_INT(number);
    int result = hal_pin_irq(number, edges);
    if (result < 0)
        raise_os(-result);
}

void hal_on_pin(unsigned number)
{
    const val_t *row = watches ? watch_row(number, false) : NULL;
    if (row)
        vm_schedule(row[WATCH_HANDLER], row[WATCH_ARG]);
}

void pin_deinit(void)
{
    for (unsigned i = 0; watches && i < WATCH_MAX; i++) {
        const val_t *row = ((vals_t *)obj_of(watches))->v + i * WATCH_WORDS;
        if (row[WATCH_PIN])
            hal_pin_irq((unsigned)int_of(row[WATCH_PIN]), 0);
    }
    watches = 0;
}

typedef struct pin_irq {
    const type_t *type;
    val_t pin, handler, trigger;
} pin_irq_t;

static val_t irq_trigger(unsigned n, const val_t *args)
{
    pin_irq_t *irq = (pin_irq_t *)obj_of(args[0]);
    val_t old = irq->trigger;
    if (n > 1) {
        irq->trigger = V_INT(int_arg(args[1]));
        pin_watch(pin_of(irq->pin)->number, (unsigned)int_of(irq->trigger), irq->handler, irq->pin);
    }
    return old;
}

static val_t irq_call(val_t self, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 0);
    pin_irq_t *irq = (pin_irq_t *)obj_of(self);
    if (irq->handler != V_NONE)
        call_1(irq->handler, irq->pin);
    return V_NONE;
}

static const dict_entry_t irq_table[] = {METHOD_V(trigger, irq_trigger, 1, 2)};
static const dict_t irq_attrs = ROM_DICT(irq_table);
static const type_t type_irq = {TYPE_HEAD, .name = Q(irq), .attrs = &irq_attrs, .call = irq_call,
                                .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 4};

static val_t pin_irq(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, HANDLER, TRIGGER };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(handler), ARG_OBJ, {.v = V_NONE}},
        {Q(trigger), ARG_INT, {.i = HAL_RISING | HAL_FALLING}},
        {Q(priority), ARG_INT | ARG_KEYWORD, {.i = 1}},
        {Q(wake), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(hard), ARG_BOOL | ARG_KEYWORD, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[TRIGGER].i & ~(HAL_RISING | HAL_FALLING))
        raise_value("invalid trigger");
    if (a[HANDLER].v != V_NONE && !op_callable(a[HANDLER].v))
        raise_type("handler must be callable");
    pin_watch(pin_of(args[0])->number, (unsigned)a[TRIGGER].i, a[HANDLER].v, args[0]);
    pin_irq_t *irq = HEAP_NEW(&type_irq, pin_irq_t);
    irq->pin = args[0];
    irq->handler = a[HANDLER].v;
    irq->trigger = V_INT(a[TRIGGER].i);
    return V_OBJ(irq);
}

/* ---- Pin.board, Pin.cpu ---- */

static const type_t type_pin_board = {TYPE_HEAD, .name = Q(board), .attrs = &machine_pins_board};
static const type_t type_pin_cpu = {TYPE_HEAD, .name = Q(cpu), .attrs = &machine_pins_cpu};

static const dict_entry_t pin_table[] = {
    METHOD_K(init, pin_init, 1, 3),
    METHOD_V(value, pin_value, 1, 2),
    METHOD_1(on, pin_on),
    METHOD_1(off, pin_off),
    METHOD_1(high, pin_on),
    METHOD_1(low, pin_off),
    METHOD_1(toggle, pin_toggle),
    METHOD_V(mode, pin_mode, 1, 2),
    METHOD_V(pull, pin_pull, 1, 2),
    METHOD_1(name, pin_name),
    METHOD_1(names, pin_names),
    METHOD_1(af, pin_af),
    METHOD_K(irq, pin_irq, 1, 3),
    {VQ(board), V_OBJ(&type_pin_board)},
    {VQ(cpu), V_OBJ(&type_pin_cpu)},
    {VQ(IN), V_INT(HAL_IN)},
    {VQ(OUT), V_INT(HAL_OUT)},
    {VQ(OUT_PP), V_INT(HAL_OUT)},
    {VQ(OPEN_DRAIN), V_INT(HAL_OPEN_DRAIN)},
    {VQ(OUT_OD), V_INT(HAL_OPEN_DRAIN)},
    {VQ(ALT), V_INT(HAL_ALT)},
    {VQ(AF_PP), V_INT(HAL_ALT)},
    {VQ(ALT_OPEN_DRAIN), V_INT(HAL_ALT_OPEN_DRAIN)},
    {VQ(AF_OD), V_INT(HAL_ALT_OPEN_DRAIN)},
    {VQ(ANALOG), V_INT(HAL_ANALOG)},
    {VQ(PULL_NONE), V_INT(HAL_PULL_NONE)},
    {VQ(PULL_UP), V_INT(HAL_PULL_UP)},
    {VQ(PULL_DOWN), V_INT(HAL_PULL_DOWN)},
    {VQ(IRQ_RISING), V_INT(HAL_RISING)},
    {VQ(IRQ_FALLING), V_INT(HAL_FALLING)},
};
static const dict_t pin_attrs = ROM_DICT(pin_table);
const type_t type_Pin = {TYPE_HEAD, .name = Q(Pin), .attrs = &pin_attrs, .flags = T_NO_SUBCLASS, .make = pin_make,
                         .call = pin_call, .print = pin_print};

/* ---- Signal ---- */

typedef struct signal_obj {
    const type_t *type;
    val_t pin;
    val_t invert;
} signal_obj_t;

static signal_obj_t *signal_of(val_t self) { return (signal_obj_t *)obj_of(self); }

static val_t signal_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    val_t pass[2 * 8], invert = V_UNDEF;
    unsigned kept = 0;
    if (n < 1 || nkw > 8)
        raise_type("Signal needs a pin");
    for (unsigned i = 0; i < nkw; i++) { /* invert is ours, the rest Pin's */
        if (args[n + 2 * i] == VQ(invert)) {
            invert = args[n + 2 * i + 1];
        } else {
            pass[2 * kept] = args[n + 2 * i];
            pass[2 * kept++ + 1] = args[n + 2 * i + 1];
        }
    }
    const pin_t *pin = is_exact(args[0], &type_Signal) ? pin_of(signal_of(args[0])->pin) : pin_arg(args[0]);
    if (n > 1 || kept) {
        val_t all[2 + 2 * 8];
        if (n > 3)
            raise_type("too many arguments");
        memcpy(all, args + 1, (n - 1) * sizeof(val_t));
        memcpy(all + n - 1, pass, 2 * kept * sizeof(val_t));
        parse_and_configure(pin, n - 1, kept, all);
    }
    signal_obj_t *s = HEAP_NEW(&type_Signal, signal_obj_t);
    s->pin = V_OBJ(pin);
    s->invert = V_BOOL(invert != V_UNDEF && op_is_true(invert));
    return V_OBJ(s);
}

static val_t signal_call(val_t self, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 1);
    return get_or_set(pin_of(signal_of(self)->pin)->number, n, args, signal_of(self)->invert == V_TRUE);
}

static val_t signal_value(unsigned n, const val_t *args) { return signal_call(args[0], n - 1, 0, args + 1); }

static val_t signal_on(val_t self)
{
    const val_t on = V_TRUE;
    return signal_call(self, 1, 0, &on);
}

static val_t signal_off(val_t self)
{
    const val_t off = V_FALSE;
    return signal_call(self, 1, 0, &off);
}

static const dict_entry_t signal_table[] = {
    METHOD_V(value, signal_value, 1, 2),
    METHOD_1(on, signal_on),
    METHOD_1(off, signal_off),
};
static const dict_t signal_attrs = ROM_DICT(signal_table);
const type_t type_Signal = {TYPE_HEAD, .name = Q(Signal), .attrs = &signal_attrs, .trace = TRACE_WORDS, .trace_from = 1,
                            .trace_to = 3, .make = signal_make, .call = signal_call};
