/* SPDX-License-Identifier: MIT
 * microbit_sensors.c: microbit.accelerometer (MMA8652/8653, data sheet of MMA8653FC rev. 7) and microbit.compass (MAG3110, data
 * sheet rev. 9.2), both on the internal I2C bus. A program that asks gets what the chips have measured last; gestures are found
 * when somebody asks for them.
 */
#include "microbit.h"
#include <math.h>

enum { ACCEL = 0x1d, ACCEL_OUT = 0x01, ACCEL_RANGE = 0x0e, ACCEL_CTRL1 = 0x2a, RANGE_8G = 2, RANGE_2G = 0 };
enum { MAG = 0x0e, MAG_OUT = 0x01, MAG_CTRL1 = 0x10, MAG_CTRL2 = 0x11 };
enum { TIMEOUT_US = 10000, NT_PER_STEP = 100 };

typedef struct vec {
    int32_t v[3];
} vec_t;

static uint8_t started; /* bits: which chips */

static void transfer(unsigned addr, uint8_t *data, size_t len, unsigned flags)
{
    int result = hal_i2c_transfer(0, addr, data, len, flags, TIMEOUT_US);
    if (result < 0)
        raise_os(-result);
}

static void write_reg(unsigned addr, uint8_t reg, uint8_t value)
{
    uint8_t data[2] = {reg, value};
    transfer(addr, data, 2, HAL_I2C_STOP);
}


/* Three big-endian words from register 1 on. */
static vec_t read_vec(unsigned addr)
{
    uint8_t reg = 1, data[6];
    transfer(addr, &reg, 1, 0);
    transfer(addr, data, 6, HAL_I2C_READ | HAL_I2C_STOP);
    vec_t r;
    for (unsigned i = 0; i < 3; i++)
        r.v[i] = (int16_t)(data[2 * i] << 8 | data[2 * i + 1]);
    return r;
}

/* ---- accelerometer ---- */

typedef enum { G_NONE, G_UP, G_DOWN, G_LEFT, G_RIGHT, G_FACE_UP, G_FACE_DOWN, G_FREEFALL, G_3G, G_6G, G_8G, G_SHAKE, GESTURES } gesture_t;
QNAME(face_up, "face up")
QNAME(face_down, "face down")
QNAME(three_g, "3g")
QNAME(six_g, "6g")
QNAME(eight_g, "8g")
static const str_t *const gesture_names[GESTURES] = {Q(empty), Q(up), Q(down), Q(left), Q(right), Q(face_up), Q(face_down),
                                               Q(freefall), Q(three_g), Q(six_g), Q(eight_g), Q(shake)};

static struct {
    uint16_t seen;      /* bits: gestures since they were asked for */
    uint8_t history[8]; /* for get_gestures */
    uint8_t count, now;
    uint8_t shakes;     /* reversals that came soon after each other */
    int8_t side[3];     /* where each axis was beyond the limit last */
    uint32_t shake_ms;
} gestures;

/* Thousandths of g, as MicroPython has them: gravity to the right, to the edge connector, out of the display. The chip's x and y
 * are the other way round. */
static vec_t accel_read(void)
{
    bus_internal();
    if (!(started & 1)) {
        write_reg(ACCEL, ACCEL_CTRL1, 0);
        write_reg(ACCEL, ACCEL_RANGE, RANGE_8G);
        write_reg(ACCEL, ACCEL_CTRL1, 0x21); /* active, 50 a second */
        started |= 1;
        hal_delay_us(45000); /* the first value: two periods and 1 ms */
    }
    vec_t r = read_vec(ACCEL);
    for (unsigned i = 0; i < 3; i++)
        r.v[i] = r.v[i] / (i < 2 ? -16 : 16) * 4; /* 12 bits, 256 a g */
    return r;
}

static bool shaken(const vec_t *a)
{
    enum { LIMIT = 1000, SPAN_MS = 500, WANTED = 4 };
    uint32_t now = hal_ticks_ms();
    if (now - gestures.shake_ms > SPAN_MS)
        gestures.shakes = 0;
    for (unsigned i = 0; i < 3; i++) {
        int8_t side = (int8_t)(a->v[i] > LIMIT ? 1 : a->v[i] < -LIMIT ? -1 : 0);
        if (side && gestures.side[i] == -side) {
            gestures.shakes++;
            gestures.shake_ms = now;
        }
        if (side)
            gestures.side[i] = side;
    }
    return gestures.shakes >= WANTED;
}

/* The larger limits first; else, how it lies. */
static gesture_t classify(const vec_t *a)
{
    enum { TILT = 800 }; /* thousandths of g */
    int32_t x = a->v[0], y = a->v[1], z = a->v[2], square = 0;
    for (unsigned i = 0; i < 3; i++)
        square += a->v[i] / 8 * (a->v[i] / 8); /* (g / 125)^2 */
    if (shaken(a))
        return G_SHAKE;
    static const struct {
        uint32_t square;
        gesture_t gesture;
    } limits[] = {{1000 * 1000, G_8G}, {750 * 750, G_6G}, {375 * 375, G_3G}};
    for (unsigned i = 0; i < COUNT_OF(limits); i++)
        if ((uint32_t)square > limits[i].square)
            return limits[i].gesture;
    if (square < 50 * 50)
        return G_FREEFALL;
    if (x < -TILT || x > TILT)
        return x < 0 ? G_LEFT : G_RIGHT;
    if (y < -TILT || y > TILT)
        return y < 0 ? G_DOWN : G_UP;
    if (z < -TILT || z > TILT)
        return z < 0 ? G_FACE_UP : G_FACE_DOWN;
    return G_NONE;
}

static gesture_t look(void)
{
    vec_t a = accel_read();
    gesture_t g = classify(&a);
    if (g != gestures.now) {
        gestures.now = (uint8_t)g;
        if (g != G_NONE) {
            gestures.seen |= (uint16_t)(1u << g);
            if (gestures.count == sizeof gestures.history)
                memmove(gestures.history, gestures.history + 1, --gestures.count);
            gestures.history[gestures.count++] = (uint8_t)g;
        }
    }
    return g;
}

static gesture_t gesture_arg(val_t name)
{
    size_t len;
    const char *text = str_arg(name, &len);
    for (unsigned g = 1; g < GESTURES; g++)
        if (strcmp(gesture_names[g]->data, text) == 0)
            return (gesture_t)g;
    raise_value("invalid gesture");
}

static val_t accel_axis(unsigned axis)
{
    vec_t a = accel_read();
    look();
    return V_INT(a.v[axis]);
}
static val_t accel_get_x(val_t self) { return accel_axis(0); }
static val_t accel_get_y(val_t self) { return accel_axis(1); }
static val_t accel_get_z(val_t self) { return accel_axis(2); }

static val_t accel_get_values(val_t self)
{
    vec_t a = accel_read();
    val_t v[3] = {V_INT(a.v[0]), V_INT(a.v[1]), V_INT(a.v[2])};
    return tuple_new(3, v);
}

static real_t length(const vec_t *a)
{
    real_t sum = 0;
    for (unsigned i = 0; i < 3; i++)
        sum += (real_t)a->v[i] * (real_t)a->v[i];
    return REAL_FN(sqrt)(sum);
}

static val_t accel_get_strength(val_t self)
{
    vec_t a = accel_read();
    return int_from_real(length(&a));
}

static val_t accel_current_gesture(val_t self) { return V_OBJ(gesture_names[look()]); }
static val_t accel_is_gesture(val_t self, val_t name) { return V_BOOL(gesture_arg(name) == look()); }

static val_t accel_was_gesture(val_t self, val_t name)
{
    unsigned mask = 1u << gesture_arg(name);
    look();
    val_t was = V_BOOL(gestures.seen & mask);
    gestures.seen &= (uint16_t)~mask;
    gestures.count = 0;
    return was;
}

static val_t accel_get_gestures(val_t self)
{
    val_t names[sizeof gestures.history];
    look();
    for (unsigned i = 0; i < gestures.count; i++)
        names[i] = V_OBJ(gesture_names[gestures.history[i]]);
    val_t all = tuple_new(gestures.count, names);
    gestures.count = 0;
    gestures.seen = 0;
    return all;
}

static const dict_entry_t accel_table[] = {
    METHOD_1(get_x, accel_get_x),
    METHOD_1(get_y, accel_get_y),
    METHOD_1(get_z, accel_get_z),
    METHOD_1(get_values, accel_get_values),
    METHOD_1(get_strength, accel_get_strength),
    METHOD_1(current_gesture, accel_current_gesture),
    METHOD_2(is_gesture, accel_is_gesture),
    METHOD_2(was_gesture, accel_was_gesture),
    METHOD_1(get_gestures, accel_get_gestures),
};
static const dict_t accel_attrs = ROM_DICT(accel_table);
static const type_t type_accelerometer = {TYPE_HEAD, .name = Q(MicroBitAccelerometer), .attrs = &accel_attrs};
const obj_t microbit_accelerometer = {&type_accelerometer};

/* ---- compass ---- */

static struct {
    bool calibrated;
    vec_t centre; /* nanotesla: what the board itself adds */
} compass;

/* As MicroPython has them: the field's components to the left, to the upper edge and into the display. */
static vec_t mag_read(void)
{
    bus_internal();
    if (!(started & 2)) {
        write_reg(MAG, MAG_CTRL1, 0);
        write_reg(MAG, MAG_CTRL2, 0x80); /* a reset of the magnet before each measurement */
        write_reg(MAG, MAG_CTRL1, 0x01 | 3 << 5); /* active, 10 a second */
        started |= 2;
        hal_delay_us(110000);
    }
    vec_t m = read_vec(MAG);
    for (unsigned i = 0; i < 3; i++)
        m.v[i] = m.v[i] * -NT_PER_STEP - compass.centre.v[i];
    return m;
}

/* All that was measured lies on a sphere, around the board's own field c: least squares of 2 c m + k = m m. */
typedef struct {
    real_t s[4][5];
} sphere_t;

static void sphere_add(sphere_t *f, const vec_t *m)
{
    real_t row[5] = {[3] = 64};
    for (unsigned i = 0; i < 3; i++) {
        row[i] = (real_t)m->v[i] / 500; /* microtesla, twice */
        row[4] += row[i] * row[i] / 4;
    }
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < 5; j++)
            f->s[i][j] += row[i] * row[j];
}

/* Without enough different positions: none. */
static vec_t sphere_centre(sphere_t *f)
{
    vec_t c = {{0}};
    for (unsigned i = 0; i < 4; i++) {
        if (f->s[i][i] < 1)
            return c;
        for (unsigned k = 0; k < 4; k++) {
            real_t by = f->s[k][i] / f->s[i][i];
            for (unsigned j = i; k != i && j < 5; j++)
                f->s[k][j] -= by * f->s[i][j];
        }
    }
    for (unsigned i = 0; i < 3; i++)
        c.v[i] = (int32_t)(f->s[i][4] / f->s[i][i] * 1000);
    return c;
}

/* The user tilts the board so that a dot visits all places. */
static val_t compass_calibrate(val_t self)
{
    sphere_t sphere = {{{0}}};
    unsigned dark = DISPLAY_PIXELS;
    memset(&compass, 0, sizeof compass);
    display_say(VQ(tilt_to_fill));
    while (dark) {
        vec_t m = mag_read(), a = accel_read();
        int32_t at[2]; /* tilted by 37 degrees or more: at the rim */
        for (unsigned i = 0; i < 2; i++)
            at[i] = a.v[i] < -600 ? 0 : a.v[i] < -200 ? 1 : a.v[i] <= 200 ? 2 : a.v[i] <= 600 ? 3 : 4;
        uint8_t *dot = &display_pixels[at[1] * DISPLAY_SIDE + at[0]];
        if (!*dot) {
            dark--;
            sphere_add(&sphere, &m);
        }
        *dot = DISPLAY_BRIGHTEST;
        microbit_sleep(50);
    }
    compass.centre = sphere_centre(&sphere);
    compass.calibrated = true;
    memset(display_pixels, 0, DISPLAY_PIXELS);
    return V_NONE;
}

QNAME(tilt_to_fill, "TILT TO FILL SCREEN")

static val_t compass_is_calibrated(val_t self) { return V_BOOL(compass.calibrated); }

static val_t compass_clear(val_t self)
{
    memset(&compass, 0, sizeof compass);
    return V_NONE;
}

/* The field along the board's axes, as those of the accelerometer. */
static val_t compass_get_x(val_t self) { return int_from(mag_read().v[0]); }
static val_t compass_get_y(val_t self) { return int_from(mag_read().v[1]); }
static val_t compass_get_z(val_t self) { return int_from(mag_read().v[2]); }

static val_t compass_get_field_strength(val_t self)
{
    vec_t m = mag_read();
    return int_from_real(length(&m));
}

/* Degrees from north, clockwise, of the board's upper edge; the tilt is taken out. */
static val_t compass_heading(val_t self)
{
    if (!compass.calibrated)
        compass_calibrate(self);
    vec_t m = mag_read(), a = accel_read();
    real_t g = length(&a);
    if (g == 0)
        return V_INT(0);
    /* up and field, with x to the right, y to the upper edge, z out of the display */
    real_t ux = (real_t)-a.v[0] / g, uy = (real_t)a.v[1] / g, uz = (real_t)-a.v[2] / g;
    real_t fx = (real_t)-m.v[0], fy = (real_t)m.v[1], fz = (real_t)-m.v[2];
    real_t right = fx * uz - fz * ux;                                 /* the field along y x up */
    real_t ahead = fy - uy * (ux * fx + uy * fy + uz * fz);           /* and along what of y is level */
    real_t degrees = REAL_FN(atan2)(-right, ahead) * REAL_C(57.29578);
    return int_from_real(degrees < 0 ? degrees + 360 : degrees);
}

void sensors_reset(void)
{
    started = 0;
    memset(&gestures, 0, sizeof gestures);
}

static const dict_entry_t compass_table[] = {
    METHOD_1(calibrate, compass_calibrate),
    METHOD_1(is_calibrated, compass_is_calibrated),
    METHOD_1(clear_calibration, compass_clear),
    METHOD_1(get_x, compass_get_x),
    METHOD_1(get_y, compass_get_y),
    METHOD_1(get_z, compass_get_z),
    METHOD_1(get_field_strength, compass_get_field_strength),
    METHOD_1(heading, compass_heading),
};
static const dict_t compass_attrs = ROM_DICT(compass_table);
static const type_t type_compass = {TYPE_HEAD, .name = Q(MicroBitCompass), .attrs = &compass_attrs};
const obj_t microbit_compass = {&type_compass};
