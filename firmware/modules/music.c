/* SPDX-License-Identifier: MIT
 * music.c: the module music: notes on a pin, by PWM. What is played goes on by itself, in the 6 ms tick.
 *
 * A note is NAME[OCTAVE][:TICKS], such as "c#4:2"; R is a rest. Octave and length hold until others are given. A str may have
 * several notes with blanks in between; the built-in tunes are such.
 */
#include "microbit.h"

enum { OCTAVE = 4, TICKS = 4, TICKS_A_BEAT = 4, BPM = 120, HALF = 32768, GAP_MS = DISPLAY_TICK_MS };

static struct {
    volatile bool playing;
    bool loop;
    const edge_pin_t *pin;
    uint16_t item, at;      /* of the sequence; in the text of the item */
    uint8_t octave, length; /* that hold */
    uint32_t left_ms, gap_ms;
    uint16_t ticks, bpm;
} player = {.ticks = TICKS_A_BEAT, .bpm = BPM};
static val_t notes; /* str, list or tuple: a root of the heap */

/* ---- notes ---- */

static const uint16_t octave4[12] = { /* microseconds of a period, of C4 to B4 */
    3822, 3608, 3405, 3214, 3034, 2863, 2703, 2551, 2408, 2273, 2145, 2025};

/* Read a note at text[*at]; its period in us, 0 for a rest. False: it is none. */
static bool read_note(const char *text, size_t len, uint16_t *at, uint32_t *period_us)
{
    static const int8_t steps[7] = {9, 11, 0, 2, 4, 5, 7}; /* A to G */
    size_t i = *at;
    int step = -1;
    char name = (char)(text[i++] | 0x20);
    if (name >= 'a' && name <= 'g')
        step = steps[name - 'a'];
    else if (name != 'r')
        return false;
    for (; step >= 0 && i < len && (text[i] == '#' || text[i] == 'b'); i++)
        step += text[i] == '#' ? 1 : -1;
    if (i < len && text[i] >= '0' && text[i] <= '9')
        player.octave = (uint8_t)(text[i++] - '0');
    if (i < len && text[i] == ':') {
        unsigned length = 0;
        for (i++; i < len && text[i] >= '0' && text[i] <= '9'; i++)
            length = length * 10 + (unsigned)(text[i] - '0');
        player.length = (uint8_t)length;
    }
    *at = (uint16_t)i;
    *period_us = 0;
    if (step >= -1 && name != 'r') {
        unsigned octave = player.octave + (step > 11) - (step < 0);
        uint32_t period = octave4[(unsigned)(step + 12) % 12];
        *period_us = octave >= 4 ? period >> (octave - 4) : period << (4 - octave);
    }
    return i == len || text[i] == ' ';
}

/* The next note of what is played; false: no more. */
static bool next_note(uint32_t *period_us)
{
    size_t n = 1;
    const val_t *v = &notes;
    if (!is_str(notes) && !seq_items(notes, &n, &v))
        return false;
    while (player.item < n) {
        const str_t *s = str_of(v[player.item]);
        while (is_str(V_OBJ(s)) && player.at < s->len) {
            if (s->data[player.at] == ' ')
                player.at++;
            else
                return read_note(s->data, s->len, &player.at, period_us);
        }
        player.item++;
        player.at = 0;
    }
    return false;
}

/* ---- playing: also in the interrupt ---- */

static void sound(uint32_t period_us) { microbit_pwm(player.pin->pin, period_us ? period_us : 2000, period_us ? HALF : 0); }

static void rewind_notes(void)
{
    player.item = player.at = 0;
    player.octave = OCTAVE;
    player.length = TICKS;
}

static void begin_note(void)
{
    uint32_t period_us;
    if (!next_note(&period_us)) {
        rewind_notes();
        if (!player.loop || !next_note(&period_us)) {
            sound(0);
            player.playing = false;
            hal_wake();
            return;
        }
    }
    player.left_ms += player.length * 60000u / ((uint32_t)player.bpm * player.ticks);
    player.gap_ms = period_us ? GAP_MS : 0;
    sound(period_us);
}

void music_tick(unsigned ms)
{
    if (!player.playing || player.left_ms == UINT32_MAX)
        return;
    if (player.left_ms > ms) {
        player.left_ms -= ms;
        if (player.left_ms <= player.gap_ms) { /* so that two equal notes are two */
            player.gap_ms = 0;
            sound(0);
        }
        return;
    }
    player.left_ms = 0;
    if (notes) {
        begin_note();
    } else {
        sound(0);
        player.playing = false;
        hal_wake();
    }
}

static void halt(void)
{
    player.playing = false;
    if (player.pin)
        sound(0);
    notes = 0;
}

void music_reset(void)
{
    player.playing = false;
    player.pin = NULL;
    player.ticks = TICKS_A_BEAT;
    player.bpm = BPM;
    notes = 0;
}

static void wait_end(void)
{
    catch_t c;
    if (TRY(c)) {
        while (player.playing) {
            vm_poll();
            hal_wait(hal_ticks_ms() + 1000);
        }
        catch_end(&c);
    } else {
        halt();
        raise(c.exc);
    }
}

/* Take the pin; None: no sound. False: nothing to do. */
static bool take_pin(val_t v)
{
    halt();
    if (v == V_NONE)
        return false;
    const edge_pin_t *pin = v == V_UNDEF ? &edge_pins[0] : edge_pin_arg(v);
    edge_pin_use(pin, PIN_MUSIC);
    player.pin = pin;
    return true;
}

static void check_notes(val_t v)
{
    uint32_t period_us;
    size_t n = 1;
    const val_t *items = &v;
    if (!is_str(v))
        seq_items(v, &n, &items);
    for (size_t i = 0; i < n; i++) {
        const str_t *s = str_of(items[i]);
        if (!is_str(items[i]))
            raise_type("notes must be str");
        for (uint16_t at = 0; at < s->len;)
            if (s->data[at] == ' ')
                at++;
            else if (!read_note(s->data, s->len, &at, &period_us))
                raise_format(&type_ValueError, "invalid note %v", items[i]);
    }
}

static val_t music_play(unsigned n, unsigned nkw, const val_t *args)
{
    enum { MUSIC, PIN, WAIT, LOOP };
    static const arg_spec_t specs[] = {
        {Q(music), ARG_OBJ | ARG_REQUIRED},
        {Q(pin), ARG_OBJ, {.v = V_UNDEF}},
        {Q(wait), ARG_BOOL, {.b = true}},
        {Q(loop), ARG_BOOL, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    size_t count;
    const val_t *items;
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t v = a[MUSIC].v;
    if (!is_str(v) && !seq_items(v, &count, &items))
        v = list_from(v);
    rewind_notes();
    check_notes(v);
    if (!take_pin(a[PIN].v))
        return V_NONE;
    heap_root(&notes);
    notes = v;
    player.loop = a[LOOP].b;
    player.left_ms = 0;
    rewind_notes();
    begin_note();
    player.playing = notes != 0 && player.left_ms != 0;
    if (a[WAIT].b)
        wait_end();
    return V_NONE;
}

static val_t music_pitch(unsigned n, unsigned nkw, const val_t *args)
{
    enum { FREQUENCY, DURATION, PIN, WAIT };
    static const arg_spec_t specs[] = {
        {Q(frequency), ARG_INT | ARG_REQUIRED},
        {Q(duration), ARG_INT, {.i = -1}},
        {Q(pin), ARG_OBJ, {.v = V_UNDEF}},
        {Q(wait), ARG_BOOL, {.b = true}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[FREQUENCY].i < 0 || a[FREQUENCY].i > 50000)
        raise_value("invalid frequency");
    if (!take_pin(a[PIN].v))
        return V_NONE;
    player.gap_ms = 0;
    player.left_ms = a[DURATION].i < 0 ? UINT32_MAX : (uint32_t)a[DURATION].i;
    sound(a[FREQUENCY].i ? 1000000 / (uint32_t)a[FREQUENCY].i : 0);
    player.playing = true;
    if (a[WAIT].b && a[DURATION].i >= 0)
        wait_end();
    return V_NONE;
}

static val_t music_stop(unsigned n, const val_t *args)
{
    halt();
    if (player.pin)
        edge_pin_use(player.pin, PIN_UNUSED);
    player.pin = NULL;
    return V_NONE;
}

static val_t music_set_tempo(unsigned n, unsigned nkw, const val_t *args)
{
    enum { TICKS_, BPM_ };
    static const arg_spec_t specs[] = {{Q(ticks), ARG_INT, {.i = 0}}, {Q(bpm), ARG_INT, {.i = 0}}};
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[TICKS_].i < 0 || a[BPM_].i < 0 || a[TICKS_].i > 1000 || a[BPM_].i > 10000)
        raise_value("invalid tempo");
    if (a[TICKS_].i)
        player.ticks = (uint16_t)a[TICKS_].i;
    if (a[BPM_].i)
        player.bpm = (uint16_t)a[BPM_].i;
    return V_NONE;
}

static val_t music_get_tempo(void)
{
    const val_t both[2] = {V_INT(player.bpm), V_INT(player.ticks)};
    return tuple_new(2, both);
}

static val_t music_reset_(void)
{
    player.ticks = TICKS_A_BEAT;
    player.bpm = BPM;
    return V_NONE;
}

/* Old tunes, and jingles of ours. */
QNAME(tune_fate, "r4:2 g g g eb:8 r:2 f f f d:8")
QNAME(tune_joy, "e4:4 e f g g f e d c c d e e:6 d:2 d:8 e:4 e f g g f e d c c d e d:6 c:2 c:8")
QNAME(tune_rag, "d4:1 d# e c5:2 e4:1 c5:2 e4:1 c5:3 c:1 d d# e c d e:2 b4:1 d5:2 c:4")
QNAME(tune_bach, "c4:1 e g c5 e g4 c5 e c4 e g c5 e g4 c5 e c4 d a d5 f a4 d5 f c4 d a d5 f a4 d5 f")
QNAME(tune_birthday, "c4:3 c:1 d:4 c f e:8 c:3 c:1 d:4 c g f:8 c:3 c:1 c5:4 a4 f e d bb:3 bb:1 a:4 f g f:8")
QNAME(tune_wedding, "c4:4 f:3 f:1 f:8 c:4 g:3 e:1 f:8 c:4 f:3 a:1 c5:4 a4:3 f:1 f:4 e:3 f:1 g:8")
QNAME(tune_funeral, "c3:4 c:3 c:1 c:4 eb:3 d:1 d:3 c:1 c:3 b2:1 c3:4")
QNAME(tune_sousa, "d5:1 b4 r b b a# b g5 r d d r b4 c5 r c c r d e:5")
QNAME(tune_rainbow, "c5:1 e g e a:2 g e:1 g c6:2 a5:1 g e d c:2")
QNAME(tune_phone, "c5:1 e g:2 r:1 c e g:2 r:4")
QNAME(tune_funk, "c3:2 c d#:1 c:1 f:2 c d#:1 f f#:2 g c")
QNAME(tune_blues, "c3:2 e g a a# a g e c e g a a# a g e f a c4 d d# d c a3 c e g a a# a g e")
QNAME(tune_joke, "c4:3 g3:1 f# g g#:3 g r b c4")
QNAME(tune_villain, "c3:3 r d:2 d# r c r f#:8")
QNAME(tune_chase, "a4:1 b c5 b4 a:2 r a:1 b c5 b4 a:2 r e5 d# e f e d# e b4:4")
QNAME(tune_coin, "b5:1 e6:3")
QNAME(tune_loser, "e3:3 r:1 d#:3 r:1 d:4 r:1 c#:8")
QNAME(tune_up, "c5:1 d e f g")
QNAME(tune_down, "g5:1 f e d c")
QNAME(tune_power_up, "g4:1 c5 e g:2 e:1 g:3")
QNAME(tune_power_down, "g5:1 d# c g4:2 b:1 c5:3")

static const dict_entry_t music_table[] = {
    FUNC_K(play, music_play, 1, 4),
    FUNC_K(pitch, music_pitch, 1, 4),
    FUNC_V(stop, music_stop, 0, 1),
    FUNC_K(set_tempo, music_set_tempo, 0, 2),
    FUNC_0(get_tempo, music_get_tempo),
    FUNC_0(reset, music_reset_),
    {VQ(DADADADUM), VQ(tune_fate)},
    {VQ(ENTERTAINER), VQ(tune_rag)},
    {VQ(PRELUDE), VQ(tune_bach)},
    {VQ(ODE), VQ(tune_joy)},
    {VQ(NYAN), VQ(tune_rainbow)},
    {VQ(RINGTONE), VQ(tune_phone)},
    {VQ(FUNK), VQ(tune_funk)},
    {VQ(BLUES), VQ(tune_blues)},
    {VQ(BIRTHDAY), VQ(tune_birthday)},
    {VQ(WEDDING), VQ(tune_wedding)},
    {VQ(FUNERAL), VQ(tune_funeral)},
    {VQ(PUNCHLINE), VQ(tune_joke)},
    {VQ(PYTHON), VQ(tune_sousa)},
    {VQ(BADDY), VQ(tune_villain)},
    {VQ(CHASE), VQ(tune_chase)},
    {VQ(BA_DING), VQ(tune_coin)},
    {VQ(WAWAWAWAA), VQ(tune_loser)},
    {VQ(JUMP_UP), VQ(tune_up)},
    {VQ(JUMP_DOWN), VQ(tune_down)},
    {VQ(POWER_UP), VQ(tune_power_up)},
    {VQ(POWER_DOWN), VQ(tune_power_down)},
};
MODULE(music, music_table);
