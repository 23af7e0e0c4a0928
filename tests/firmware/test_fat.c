// SPDX-License-Identifier: GPL-2.0-or-later
// The FAT file system: against a model in memory with random operations, against fsck.fat and mtools, on a
// device that fills up, that fails, and that loses its supply in the middle of a write.
#include "fat.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

// ---- a disk in memory --------------------------------------------------------------------------

typedef struct disk {
    uint8_t *data;
    uint32_t blocks;
    int64_t writes_left; // then the supply fails: nothing more is written; negative: never
    bool broken;         // every access fails
} disk_t;

static int disk_read(void *context, uint32_t block, uint8_t *data, uint32_t count)
{
    disk_t *d = context;
    g_assert_cmpuint(block + count, <=, d->blocks);
    if (d->broken) {
        return -5;
    }
    memcpy(data, d->data + block * FAT_BLOCK, count * FAT_BLOCK);
    return 0;
}

static int disk_write(void *context, uint32_t block, const uint8_t *data, uint32_t count)
{
    disk_t *d = context;
    g_assert_cmpuint(block + count, <=, d->blocks);
    if (d->broken) {
        return -5;
    }
    for (; count; count--, block++, data += FAT_BLOCK) {
        if (d->writes_left == 0) {
            return -5;
        }
        d->writes_left -= d->writes_left > 0;
        memcpy(d->data + block * FAT_BLOCK, data, FAT_BLOCK);
    }
    return 0;
}

static disk_t *disk_new(uint32_t blocks)
{
    disk_t *d = g_new0(disk_t, 1);
    d->data = g_malloc(blocks * FAT_BLOCK);
    memset(d->data, 0xff, blocks * FAT_BLOCK);
    d->blocks = blocks;
    d->writes_left = -1;
    return d;
}

static void disk_free(disk_t *d)
{
    g_free(d->data);
    g_free(d);
}

static fat_device_t device_of(disk_t *d)
{
    return (fat_device_t){d, disk_read, disk_write, NULL, d->blocks};
}

static void format_and_mount(disk_t *d, fat_t *fs)
{
    fat_device_t dev = device_of(d);
    g_assert_cmpint(fat_format(&dev, "PYBFLASH", 0x12345678), ==, 0);
    g_assert_cmpint(fat_mount(fs, &dev), ==, 0);
}

// ---- programs of the host ----------------------------------------------------------------------

static char *image_path;

static void save(const disk_t *d)
{
    GError *error = NULL;
    g_file_set_contents(image_path, (const char *)d->data, d->blocks * FAT_BLOCK, &error);
    g_assert_no_error(error);
}

// The program's output; it must end with 0.
static char *run(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    char *command = g_strdup_vprintf(format, ap), *out = NULL, *err = NULL;
    va_end(ap);
    int status = 0;
    GError *error = NULL;
    g_spawn_command_line_sync(command, &out, &err, &status, &error);
    g_assert_no_error(error);
    if (status) {
        g_error("%s: %s%s", command, out, err);
    }
    g_free(command);
    g_free(err);
    return out;
}

static void check_with_fsck(const disk_t *d)
{
    save(d);
    g_free(run("fsck.fat -n -v %s", image_path));
}

// ---- small helpers -----------------------------------------------------------------------------

static int write_file(fat_t *fs, const char *path, const void *data, size_t len)
{
    fat_file_t f;
    int result = fat_open(fs, &f, path, FAT_WRITE | FAT_CREATE | FAT_TRUNCATE);
    if (result < 0) {
        return result;
    }
    int32_t done = fat_write(&f, data, (uint32_t)len);
    result = fat_close(&f);
    return done < 0 ? done : result < 0 ? result : done == (int32_t)len ? 0 : -28;
}

static GByteArray *read_file(fat_t *fs, const char *path)
{
    fat_file_t f;
    if (fat_open(fs, &f, path, FAT_READ) < 0) {
        return NULL;
    }
    GByteArray *all = g_byte_array_new();
    uint8_t piece[700];
    int32_t n;
    while ((n = fat_read(&f, piece, sizeof piece)) > 0) {
        g_byte_array_append(all, piece, (guint)n);
    }
    g_assert_cmpint(n, ==, 0);
    fat_close(&f);
    return all;
}

// ---- tests -------------------------------------------------------------------------------------

static void test_sizes(void)
{
    static const struct {
        uint32_t blocks;
        int bits;
    } cases[] = {{16, 12}, {224, 12}, {2880, 12}, {5000, 16}, {40000, 16}, {100000, 16}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        disk_t *d = disk_new(cases[i].blocks);
        fat_t fs;
        format_and_mount(d, &fs);
        uint32_t free_before = fat_free_clusters(&fs);
        g_assert_cmpuint(free_before, ==, fs.clusters);
        g_assert_cmpint(fs.bits, ==, cases[i].bits);
        g_assert_cmpint(write_file(&fs, "/boot.py", "print(1)\n", 9), ==, 0);
        g_assert_cmpuint(fat_free_clusters(&fs), ==, free_before - 1);
        g_assert_cmpint(fat_sync(&fs), ==, 0);
        check_with_fsck(d);
        char *text = run("mtype -i %s ::/boot.py", image_path);
        g_assert_cmpstr(text, ==, "print(1)\n");
        g_free(text);
        disk_free(d);
    }
    disk_t *d = disk_new(8);
    fat_device_t dev = device_of(d);
    g_assert_cmpint(fat_format(&dev, NULL, 1), <, 0);
    disk_free(d);
}

// The pyboard's disk leaves 216 of 224 blocks for files.
static void test_pyboard(void)
{
    disk_t *d = disk_new(224);
    fat_t fs;
    format_and_mount(d, &fs);
    g_assert_cmpuint(fs.clusters, ==, 216);
    g_assert_cmpuint(fs.cluster_blocks, ==, 1);
    disk_free(d);
}

static void test_names(void)
{
    static const char *const good[] = {
        "a", "main.py", "MAIN2.PY", "Mixed.Py", "with space.txt", "a.b.c", ".hidden", "no_extension_but_long",
        "exactly8.abc", "ninechars.a", "12345678.1234", "\xc3\xa4\xc3\xb6\xc3\xbc.txt", "\xe2\x82\xac.py",
        "emoji \xf0\x9f\x98\x80 face", "thirteen_char", "twenty_six_chars_exactly__", "+=[];,.x"};
    static const char *const bad[] = {"a:b", "a*", "a?", "a\\b", "trailing.", "trailing ", "\x01", "a|b", "\xff"};
    disk_t *d = disk_new(500);
    fat_t fs;
    format_and_mount(d, &fs);
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_cmpint(write_file(&fs, good[i], good[i], strlen(good[i])), ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(write_file(&fs, bad[i], "x", 1), ==, -22);
    }
    fat_dir_t dir;
    fat_info_t info;
    size_t n = 0;
    g_assert_cmpint(fat_dir_open(&fs, &dir, "/"), ==, 0);
    while (fat_dir_next(&dir, &info) == 1) {
        g_assert_cmpstr(info.name, ==, good[n]);
        g_assert_cmpuint(info.size, ==, strlen(good[n]));
        n++;
    }
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(good));
    // Case does not matter for finding, and stays for showing.
    g_assert_cmpint(fat_stat(&fs, "/MAIN.PY", &info), ==, 0);
    g_assert_cmpint(fat_stat(&fs, "//mixed.pY", &info), ==, 0);
    g_assert_cmpint(fat_stat(&fs, "./main.py/", &info), ==, 0);
    g_assert_cmpint(fat_stat(&fs, "main.pyc", &info), ==, -2);
    fat_sync(&fs);
    check_with_fsck(d);
    char *text = run("mtype -i %s \"::/with space.txt\"", image_path);
    g_assert_cmpstr(text, ==, "with space.txt");
    g_free(text);
    char *list = run("mdir -b -i %s ::/", image_path);
    g_assert_nonnull(strstr(list, "::/main.py\n"));
    g_assert_nonnull(strstr(list, "::/MAIN2.PY\n"));
    g_assert_nonnull(strstr(list, "::/Mixed.Py\n"));
    g_assert_nonnull(strstr(list, "::/12345678.1234\n"));
    g_free(list);

    char long_name[300];
    memset(long_name, 'n', sizeof long_name);
    long_name[255] = 0;
    g_assert_cmpint(write_file(&fs, long_name, "long", 4), ==, 0);
    g_assert_cmpint(fat_stat(&fs, long_name, &info), ==, 0);
    long_name[255] = 'n';
    long_name[256] = 0;
    g_assert_cmpint(write_file(&fs, long_name, "long", 4), ==, -36);
    disk_free(d);
}

// Files that mtools wrote are read, long names too.
static void test_from_mtools(void)
{
    disk_t *d = disk_new(2880);
    save(d);
    g_free(run("mformat -i %s -t 80 -h 2 -s 18 ::", image_path));
    char *source = g_strconcat(image_path, ".txt", NULL);
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 2000; i++) {
        g_string_append_printf(text, "line %d\n", i);
    }
    g_file_set_contents(source, text->str, (gssize)text->len, NULL);
    g_free(run("mmd -i %s \"::/A Directory\"", image_path));
    g_free(run("mcopy -i %s %s \"::/A Directory/some long file name.text\"", image_path, source));
    char *data = NULL;
    gsize len = 0;
    g_file_get_contents(image_path, &data, &len, NULL);
    g_assert_cmpuint(len, ==, 2880 * FAT_BLOCK);
    memcpy(d->data, data, len);
    fat_t fs;
    fat_device_t dev = device_of(d);
    g_assert_cmpint(fat_mount(&fs, &dev), ==, 0);
    GByteArray *all = read_file(&fs, "/a directory/SOME long file name.text");
    g_assert_nonnull(all);
    g_assert_cmpmem(all->data, all->len, text->str, text->len);
    g_byte_array_unref(all);
    g_string_free(text, TRUE);
    g_unlink(source);
    g_free(source);
    g_free(data);
    disk_free(d);
}

static void test_errors(void)
{
    disk_t *d = disk_new(224);
    fat_t fs;
    fat_file_t f;
    fat_dir_t dir;
    fat_info_t info;
    format_and_mount(d, &fs);
    g_assert_cmpint(fat_open(&fs, &f, "none", FAT_READ), ==, -2);
    g_assert_cmpint(fat_open(&fs, &f, "none/x", FAT_WRITE | FAT_CREATE), ==, -2);
    g_assert_cmpint(fat_open(&fs, &f, "/", FAT_READ), ==, -21);
    g_assert_cmpint(fat_mkdir(&fs, "/"), ==, -17);
    g_assert_cmpint(fat_mkdir(&fs, "d"), ==, 0);
    g_assert_cmpint(fat_mkdir(&fs, "D"), ==, -17);
    g_assert_cmpint(write_file(&fs, "d/f", "1", 1), ==, 0);
    g_assert_cmpint(fat_open(&fs, &f, "d", FAT_READ), ==, -21);
    g_assert_cmpint(fat_open(&fs, &f, "d/f", FAT_WRITE | FAT_CREATE | FAT_EXCLUSIVE), ==, -17);
    g_assert_cmpint(fat_open(&fs, &f, "d/f/g", FAT_READ), ==, -20);
    g_assert_cmpint(fat_dir_open(&fs, &dir, "d/f"), ==, -20);
    g_assert_cmpint(fat_rmdir(&fs, "d"), ==, -39);
    g_assert_cmpint(fat_rmdir(&fs, "d/f"), ==, -20);
    g_assert_cmpint(fat_rmdir(&fs, "/"), ==, -1);
    g_assert_cmpint(fat_remove(&fs, "d"), ==, -21);
    g_assert_cmpint(fat_remove(&fs, "e"), ==, -2);
    g_assert_cmpint(fat_mkdir(&fs, "d/sub"), ==, 0);
    g_assert_cmpint(fat_rename(&fs, "d", "d/sub/d"), ==, -22);
    g_assert_cmpint(fat_rename(&fs, "d/sub", "top"), ==, 0);
    g_assert_cmpint(fat_rename(&fs, "d/f", "top"), ==, -17);
    g_assert_cmpint(fat_rename(&fs, "d/f", "D/F"), ==, 0);
    g_assert_cmpint(fat_stat(&fs, "d/f", &info), ==, 0);
    g_assert_cmpint(fat_open(&fs, &f, "d/f", FAT_READ), ==, 0);
    g_assert_cmpint(fat_write(&f, "x", 1), ==, -9);
    fat_close(&f);
    g_assert_cmpint(fat_open(&fs, &f, "d/f", FAT_WRITE), ==, 0);
    uint8_t byte;
    g_assert_cmpint(fat_read(&f, &byte, 1), ==, -9);
    fat_close(&f);
    check_with_fsck(d);
    d->broken = true;
    g_assert_cmpint(fat_mkdir(&fs, "q"), ==, -5);
    disk_free(d);

    // What is no file system is refused.
    d = disk_new(224);
    fat_device_t dev = device_of(d);
    g_assert_cmpint(fat_mount(&fs, &dev), ==, -19);
    GRand *rand = g_rand_new_with_seed(5);
    for (int i = 0; i < 2000; i++) {
        fat_format(&dev, NULL, 1);
        for (int k = 0; k < 3; k++) {
            d->data[g_rand_int_range(rand, 11, 64)] = (uint8_t)g_rand_int(rand);
        }
        for (int k = 0; k < 20; k++) {
            d->data[g_rand_int_range(rand, 512, 4096)] = (uint8_t)g_rand_int(rand);
        }
        if (fat_mount(&fs, &dev) == 0) { // whatever it says, it must not run away
            write_file(&fs, "a/b", "x", 1);
            write_file(&fs, "some long name", "x", 1);
            fat_mkdir(&fs, "dir");
            fat_rename(&fs, "dir", "other");
            fat_remove(&fs, "x");
            fat_free_clusters(&fs);
            if (fat_dir_open(&fs, &dir, "/") == 0) {
                while (fat_dir_next(&dir, &info) == 1) {
                    GByteArray *all = read_file(&fs, info.name);
                    if (all) {
                        g_byte_array_unref(all);
                    }
                }
            }
        }
    }
    g_rand_free(rand);
    disk_free(d);
}

static void test_full(void)
{
    disk_t *d = disk_new(64);
    fat_t fs;
    fat_file_t f;
    format_and_mount(d, &fs);
    uint32_t room = fat_free_clusters(&fs) * FAT_BLOCK;
    g_autofree uint8_t *data = g_malloc0(room + 1000);
    g_assert_cmpint(fat_open(&fs, &f, "big", FAT_WRITE | FAT_CREATE), ==, 0);
    g_assert_cmpint(fat_write(&f, data, room + 1000), ==, (int32_t)room);
    g_assert_cmpint(fat_write(&f, data, 1), ==, -28);
    g_assert_cmpint(fat_close(&f), ==, 0);
    g_assert_cmpint(fat_mkdir(&fs, "d"), ==, -28);
    g_assert_cmpint(write_file(&fs, "empty", NULL, 0), ==, 0);
    g_assert_cmpint(write_file(&fs, "more", "x", 1), ==, -28);
    fat_sync(&fs);
    check_with_fsck(d);
    g_assert_cmpint(fat_remove(&fs, "big"), ==, 0);
    g_assert_cmpuint(fat_free_clusters(&fs) * FAT_BLOCK, ==, room);
    // The root directory has a fixed size.
    int made = 0;
    for (; made < 200; made++) {
        g_autofree char *name = g_strdup_printf("f%d", made);
        if (write_file(&fs, name, NULL, 0) < 0) {
            break;
        }
    }
    g_assert_cmpint(made, ==, 93); // 96 entries, one is the label, two are "empty" and "more"
    disk_free(d);
}

// ---- random operations against a model ---------------------------------------------------------

typedef struct model {
    GHashTable *files; // path -> GByteArray; NULL data: a directory
} model_t;

static char *random_path(GRand *rand)
{
    static const char *const dirs[] = {"", "/lib", "/Some directory", "/lib/deep"};
    static const char *const names[] = {"a", "main.py", "a rather long name.txt", "B.Bin", "lib", "deep"};
    return g_strdup_printf("%s/%s", dirs[g_rand_int_range(rand, 0, 4)], names[g_rand_int_range(rand, 0, 6)]);
}

static char *parent_of(const char *path) { return g_strndup(path, (gsize)(strrchr(path, '/') - path)); }

static bool is_dir(model_t *m, const char *path)
{
    gpointer data;
    return !*path || (g_hash_table_lookup_extended(m->files, path, NULL, &data) && !data);
}

static bool has_children(model_t *m, const char *path)
{
    GHashTableIter it;
    gpointer key;
    g_hash_table_iter_init(&it, m->files);
    while (g_hash_table_iter_next(&it, &key, NULL)) {
        if (g_str_has_prefix(key, path) && ((char *)key)[strlen(path)] == '/') {
            return true;
        }
    }
    return false;
}

static void free_data(gpointer data)
{
    if (data) {
        g_byte_array_unref(data);
    }
}

static void check_model(model_t *m, fat_t *fs)
{
    GHashTableIter it;
    gpointer key, value;
    g_hash_table_iter_init(&it, m->files);
    while (g_hash_table_iter_next(&it, &key, &value)) {
        fat_info_t info;
        g_assert_cmpint(fat_stat(fs, key, &info), ==, 0);
        g_assert_cmpint(!!(info.attr & FAT_ATTR_DIR), ==, !value);
        if (value) {
            GByteArray *all = read_file(fs, key);
            g_assert_cmpmem(all->data, all->len, ((GByteArray *)value)->data, ((GByteArray *)value)->len);
            g_byte_array_unref(all);
        }
    }
}

// Change the file in the model and on the disk by the same random steps.
static void change_file(model_t *m, fat_t *fs, GRand *rand, const char *path)
{
    GByteArray *data = g_hash_table_lookup(m->files, path);
    g_autofree char *parent = parent_of(path);
    fat_file_t f;
    int result = fat_open(fs, &f, path, FAT_READ | FAT_WRITE | FAT_CREATE);
    if (is_dir(m, path)) {
        g_assert_cmpint(result, ==, -21);
        return;
    }
    if (!is_dir(m, parent)) {
        g_assert_cmpint(result, <, 0);
        return;
    }
    g_assert_cmpint(result, ==, 0);
    if (!data) {
        data = g_byte_array_new();
        g_hash_table_insert(m->files, g_strdup(path), data);
    }
    for (int steps = g_rand_int_range(rand, 1, 6); steps; steps--) {
        uint32_t pos = (uint32_t)g_rand_int_range(rand, 0, (int)data->len + 700);
        uint8_t bytes[3000];
        int32_t len = g_rand_int_range(rand, 0, g_rand_int_range(rand, 1, 3000));
        memset(bytes, g_rand_int_range(rand, 0, 256), sizeof bytes);
        if (g_rand_int_range(rand, 0, 4) == 0) {
            uint32_t size = (uint32_t)g_rand_int_range(rand, 0, (int)data->len + 600);
            result = fat_truncate(&f, size);
            g_assert_cmpint(result, ==, 0);
            guint before = data->len;
            g_byte_array_set_size(data, size);
            if (size > before) {
                memset(data->data + before, 0, size - before);
            }
        } else {
            fat_seek(&f, pos);
            g_assert_cmpint(fat_write(&f, bytes, (uint32_t)len), ==, len);
            guint before = data->len;
            if (len && pos + (uint32_t)len > before) {
                g_byte_array_set_size(data, pos + (uint32_t)len);
            }
            if (len && pos > before) {
                memset(data->data + before, 0, pos - before);
            }
            if (len) {
                memcpy(data->data + pos, bytes, (size_t)len);
            }
        }
    }
    g_assert_cmpint(fat_close(&f), ==, 0);
}

static void step(model_t *m, fat_t *fs, GRand *rand)
{
    g_autofree char *path = random_path(rand), *other = random_path(rand);
    g_autofree char *parent = parent_of(path), *other_parent = parent_of(other);
    gpointer data = NULL;
    bool exists = g_hash_table_lookup_extended(m->files, path, NULL, &data);
    switch (g_rand_int_range(rand, 0, 8)) {
    case 0:
        if (fat_mkdir(fs, path) == 0) {
            g_assert_true(!exists && is_dir(m, parent));
            g_hash_table_insert(m->files, g_strdup(path), NULL);
        } else {
            g_assert_true(exists || !is_dir(m, parent));
        }
        break;
    case 1:
        if (fat_remove(fs, path) == 0) {
            g_assert_true(exists && data);
            g_hash_table_remove(m->files, path);
        } else {
            g_assert_true(!exists || !data);
        }
        break;
    case 2:
        if (fat_rmdir(fs, path) == 0) {
            g_assert_true(exists && !data && !has_children(m, path));
            g_hash_table_remove(m->files, path);
        } else {
            g_assert_true(!exists || data || has_children(m, path));
        }
        break;
    case 3: {
        gpointer target = NULL;
        bool target_exists = g_hash_table_lookup_extended(m->files, other, NULL, &target);
        bool ok = exists && data && is_dir(m, other_parent) && !(target_exists && !target);
        if (exists && !data) {
            break; // directories: see test_errors
        }
        g_assert_cmpint(fat_rename(fs, path, other) == 0, ==, ok);
        if (ok && strcmp(path, other) != 0) {
            GByteArray *moved = g_byte_array_ref(data);
            g_hash_table_remove(m->files, path);
            g_hash_table_insert(m->files, g_strdup(other), moved);
        }
        break;
    }
    default:
        change_file(m, fs, rand, path);
    }
}

static void test_random(gconstpointer blocks)
{
    for (guint32 seed = 1; seed <= 6; seed++) {
        GRand *rand = g_rand_new_with_seed(seed);
        model_t m = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_data)};
        disk_t *d = disk_new(GPOINTER_TO_UINT(blocks));
        fat_t fs;
        format_and_mount(d, &fs);
        for (int i = 0; i < 400; i++) {
            step(&m, &fs, rand);
            if (g_rand_int_range(rand, 0, 40) == 0) { // as after a reset
                g_assert_cmpint(fat_sync(&fs), ==, 0);
                fat_device_t dev = device_of(d);
                g_assert_cmpint(fat_mount(&fs, &dev), ==, 0);
                check_model(&m, &fs);
            }
        }
        g_assert_cmpint(fat_sync(&fs), ==, 0);
        check_model(&m, &fs);
        check_with_fsck(d);
        g_hash_table_destroy(m.files);
        g_rand_free(rand);
        disk_free(d);
    }
}

// The supply fails after each number of written blocks: a file that is being replaced by rename is there, as the
// old or the new one, and other files are whole.
static void test_power_cut(void)
{
    uint8_t old_data[1500], new_data[2500];
    memset(old_data, 'o', sizeof old_data);
    memset(new_data, 'n', sizeof new_data);
    for (int64_t writes = 0; writes < 40; writes++) {
        disk_t *d = disk_new(224);
        fat_t fs;
        format_and_mount(d, &fs);
        g_assert_cmpint(write_file(&fs, "other.txt", old_data, sizeof old_data), ==, 0);
        g_assert_cmpint(write_file(&fs, "config.json", old_data, sizeof old_data), ==, 0);
        fat_sync(&fs);
        d->writes_left = writes;
        bool done = write_file(&fs, "config.new", new_data, sizeof new_data) == 0 && fat_sync(&fs) == 0;
        done = done && fat_rename(&fs, "config.new", "config.json") == 0 && fat_sync(&fs) == 0;
        fat_device_t dev = device_of(d);
        g_assert_cmpint(fat_mount(&fs, &dev), ==, 0);
        GByteArray *other = read_file(&fs, "other.txt");
        g_assert_cmpmem(other->data, other->len, old_data, sizeof old_data);
        g_byte_array_unref(other);
        GByteArray *fresh = read_file(&fs, "config.json");
        g_assert_nonnull(fresh); // never gone
        if (fresh->len == sizeof new_data) {
            g_assert_cmpmem(fresh->data, fresh->len, new_data, sizeof new_data);
        } else {
            g_assert_cmpmem(fresh->data, fresh->len, old_data, sizeof old_data);
            g_assert_false(done);
        }
        g_byte_array_unref(fresh);
        disk_free(d);
    }
}

// The same for a file that is written anew under its own name: it has all of the old or all of the new content. A handle
// that was forgotten while another one replaced the file does no harm.
static void test_replace(void)
{
    uint8_t old_data[1500], new_data[2500];
    memset(old_data, 'o', sizeof old_data);
    memset(new_data, 'n', sizeof new_data);
    bool seen_old = false, seen_new = false;
    for (int64_t writes = 0; writes < 20; writes++) {
        disk_t *d = disk_new(224);
        fat_t fs;
        format_and_mount(d, &fs);
        g_assert_cmpint(write_file(&fs, "config.json", old_data, sizeof old_data), ==, 0);
        g_assert_cmpint(write_file(&fs, "other.txt", old_data, sizeof old_data), ==, 0);
        fat_sync(&fs);
        d->writes_left = writes;
        fat_file_t forgotten;
        fat_open(&fs, &forgotten, "config.json", FAT_WRITE | FAT_TRUNCATE);
        bool done = write_file(&fs, "config.json", new_data, sizeof new_data) == 0 && fat_sync(&fs) == 0;
        if (done) {
            d->writes_left = -1;
            fat_close(&forgotten);
            g_assert_cmpint(write_file(&fs, "config.json", new_data, sizeof new_data), ==, 0);
            fat_sync(&fs);
        }
        fat_device_t dev = device_of(d);
        g_assert_cmpint(fat_mount(&fs, &dev), ==, 0);
        GByteArray *other = read_file(&fs, "other.txt"), *config = read_file(&fs, "config.json");
        g_assert_cmpmem(other->data, other->len, old_data, sizeof old_data);
        if (config->len == sizeof new_data) {
            g_assert_cmpmem(config->data, config->len, new_data, sizeof new_data);
            seen_new = true;
        } else {
            g_assert_cmpmem(config->data, config->len, old_data, sizeof old_data);
            g_assert_false(done);
            seen_old = true;
        }
        g_byte_array_unref(other);
        g_byte_array_unref(config);
        disk_free(d);
    }
    g_assert_true(seen_old && seen_new);
}

// Where there is no room for both, the old content makes room.
static void test_replace_full(void)
{
    disk_t *d = disk_new(224);
    fat_t fs;
    format_and_mount(d, &fs);
    uint32_t free_clusters = fat_free_clusters(&fs);
    size_t size = (free_clusters - 10) * FAT_BLOCK;
    uint8_t *data = g_malloc(size);
    memset(data, 'x', size);
    g_assert_cmpint(write_file(&fs, "big", data, size), ==, 0);
    memset(data, 'y', size);
    g_assert_cmpint(write_file(&fs, "big", data, size), ==, 0);
    GByteArray *big = read_file(&fs, "big");
    g_assert_cmpmem(big->data, big->len, data, size);
    g_byte_array_unref(big);
    g_assert_cmpuint(fat_free_clusters(&fs), ==, 10);
    fat_sync(&fs);
    check_with_fsck(d);
    g_free(data);
    disk_free(d);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *dir = g_dir_make_tmp("fat-XXXXXX", NULL);
    image_path = g_build_filename(dir, "disk.img", NULL);
    g_setenv("MTOOLS_SKIP_CHECK", "1", TRUE);
    g_test_add_func("/fat/sizes", test_sizes);
    g_test_add_func("/fat/pyboard", test_pyboard);
    g_test_add_func("/fat/names", test_names);
    g_test_add_func("/fat/from-mtools", test_from_mtools);
    g_test_add_func("/fat/errors", test_errors);
    g_test_add_func("/fat/full", test_full);
    g_test_add_data_func("/fat/random-12", GUINT_TO_POINTER(700), test_random);
    g_test_add_data_func("/fat/random-16", GUINT_TO_POINTER(40000), test_random);
    g_test_add_func("/fat/power-cut", test_power_cut);
    g_test_add_func("/fat/replace", test_replace);
    g_test_add_func("/fat/replace-full", test_replace_full);
    int result = g_test_run();
    g_unlink(image_path);
    g_rmdir(dir);
    g_free(image_path);
    return result;
}
