/* SPDX-License-Identifier: MIT
 * fat_dir.c: names (8.3 with the case bits of Windows NT, long names) and directories.
 *
 * A long name stands in entries before the short one, last piece first, 13 UTF-16 units each.
 */
#include "fat_core.h"
#include <string.h>

enum { LFN_UNITS = 13, LFN_LAST = 0x40, ATTR_LFN = 0x0f, LOWER_BASE = 8, LOWER_EXT = 16, FREE = 0xe5 };

static const uint8_t unit_offset[LFN_UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

/* ---- going through a directory ---- */

static void dir_begin(fat_t *fs, fat_dir_t *d, uint32_t first)
{
    d->fs = fs;
    d->first = d->cluster = first;
    d->cluster_index = d->index = 0;
}

/* Block of entry d->index; 0: beyond the end; with grow the directory gets longer if it can. */
static int64_t dir_block(fat_dir_t *d, bool grow)
{
    fat_t *fs = d->fs;
    uint32_t block = d->index / ENTRIES_PER_BLOCK;
    if (!d->first)
        return d->index < fs->root_entries ? (int64_t)fs->root_start + block : grow ? -E_NOSPC : 0;
    uint32_t wanted = block / fs->cluster_blocks;
    if (wanted < d->cluster_index) {
        d->cluster = d->first;
        d->cluster_index = 0;
    }
    while (d->cluster_index < wanted) {
        int32_t next = d->index >= 0x10000 ? -E_NOSPC : fat_next(fs, d->cluster);
        if (next == 0 && !grow)
            return 0;
        if (next == 0) {
            next = fat_allocate(fs, d->cluster);
            for (uint32_t i = 0; next > 0 && i < fs->cluster_blocks; i++) {
                int result = fat_load(fs, fat_cluster_block(fs, (uint32_t)next) + i);
                if (result < 0)
                    return result;
                memset(fs->data.data, 0, FAT_BLOCK);
                fs->data.dirty = true;
            }
        }
        if (next < 0)
            return next;
        d->cluster = (uint32_t)next;
        d->cluster_index++;
    }
    return (int64_t)fat_cluster_block(fs, d->cluster) + block % fs->cluster_blocks;
}

/* Entry d->index, in the cache; NULL: beyond the end or error (*result). */
static uint8_t *dir_entry(fat_dir_t *d, bool grow, int *result)
{
    int64_t block = dir_block(d, grow);
    *result = block < 0 ? (int)block : block ? fat_load(d->fs, (uint32_t)block) : 0;
    if (block <= 0 || *result < 0)
        return NULL;
    return d->fs->data.data + d->index % ENTRIES_PER_BLOCK * ENTRY;
}

static uint8_t checksum(const uint8_t *short_name)
{
    uint8_t sum = 0;
    for (unsigned i = 0; i < 11; i++)
        sum = (uint8_t)((sum >> 1 | sum << 7) + short_name[i]);
    return sum;
}

/* A long name is collected from its end to its beginning, at the end of the buffer. */
typedef struct collector {
    char *name; /* FAT_NAME_MAX + 1 bytes */
    uint32_t at;
    uint32_t low; /* second half of a surrogate pair that waits for its first */
    uint8_t expect, sum;
    bool whole;
} collector_t;

static void prepend(collector_t *c, uint32_t code)
{
    char utf8[4];
    unsigned n;
    if (code < 0x80) {
        utf8[0] = (char)code;
        n = 1;
    } else {
        n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (unsigned i = n; i-- > 1; code >>= 6)
            utf8[i] = (char)(0x80 | (code & 0x3f));
        utf8[0] = (char)(lead[n] | code);
    }
    if (n > c->at) {
        c->whole = false;
        return;
    }
    c->at -= n;
    memcpy(c->name + c->at, utf8, n);
}

static void collect(collector_t *c, const uint8_t *e)
{
    unsigned number = e[0] & 0x3f;
    if (e[0] & LFN_LAST) {
        c->at = FAT_NAME_MAX;
        c->low = 0;
        c->whole = true;
        c->sum = e[13];
    } else if (number != c->expect || e[13] != c->sum) {
        c->whole = false;
    }
    c->expect = (uint8_t)(number - 1);
    if (number == 0 || number > 20)
        c->whole = false;
    for (unsigned i = LFN_UNITS; c->whole && i-- > 0;) {
        uint32_t unit = get16(e + unit_offset[i]);
        if (unit == 0xffff || unit == 0)
            continue;
        if (unit >= 0xdc00 && unit < 0xe000) {
            c->low = unit;
        } else if (unit >= 0xd800 && unit < 0xdc00 && c->low) {
            prepend(c, 0x10000 + ((unit - 0xd800) << 10) + (c->low - 0xdc00));
            c->low = 0;
        } else {
            prepend(c, unit);
        }
    }
}

static void short_to_text(const uint8_t *e, char *name)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 11; i++) {
        char c = (char)(i == 0 && e[0] == 5 ? 0xe5 : e[i]);
        if (c == ' ')
            continue;
        if (i >= 8 && n && !memchr(name, '.', n))
            name[n++] = '.';
        if (c >= 'A' && c <= 'Z' && e[D_CASE] & (i < 8 ? LOWER_BASE : LOWER_EXT))
            c = (char)(c + 32);
        name[n++] = (uint8_t)c < 0x80 ? c : '?';
    }
    name[n] = 0;
}

/* The next file or directory from d->index on: 1, with its name, its place and a copy of its entry. */
static int next_entry(fat_dir_t *d, char *name, fat_found_t *found)
{
    collector_t c = {.name = name};
    uint32_t start = d->index;
    for (;; d->index++) {
        int result;
        const uint8_t *e = dir_entry(d, false, &result);
        if (!e || e[0] == 0)
            return result;
        if (e[0] == FREE || ((e[D_ATTR] & FAT_ATTR_LABEL) && e[D_ATTR] != ATTR_LFN)) {
            c.whole = false;
            start = d->index + 1;
        } else if (e[D_ATTR] == ATTR_LFN) {
            if (e[0] & LFN_LAST)
                start = d->index;
            collect(&c, e);
        } else {
            if (c.whole && c.expect == 0 && c.sum == checksum(e)) {
                memmove(name, name + c.at, FAT_NAME_MAX - c.at);
                name[FAT_NAME_MAX - c.at] = 0;
            } else {
                start = d->index;
                short_to_text(e, name);
            }
            found->dir = d->first;
            found->start = start;
            found->index = d->index;
            found->entry = d->fs->data.block * ENTRIES_PER_BLOCK + d->index % ENTRIES_PER_BLOCK;
            memcpy(found->raw, e, ENTRY);
            d->index++;
            return 1;
        }
    }
}

/* ---- finding by name ---- */

static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool same_name(const char *name, const char *part, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!name[i] || fold(name[i]) != fold(part[i]))
            return false;
    return name[len] == 0;
}

/* Find a name in a directory: 1 and the place, 0 if it is not there. */
static int find(fat_t *fs, uint32_t dir, const char *part, size_t len, fat_found_t *found)
{
    char name[FAT_NAME_MAX + 1];
    fat_dir_t d;
    int result;
    dir_begin(fs, &d, dir);
    while ((result = next_entry(&d, name, found)) == 1)
        if (same_name(name, part, len))
            return 1;
    return result;
}

static const char *skip_slashes(const char *p)
{
    while (*p == '/' || (*p == '.' && (p[1] == '/' || p[1] == 0)))
        p++;
    return p;
}

/* Follow the path to its last part: the directory it is in, and the part. An empty part: the root itself. */
static int walk(fat_t *fs, const char *path, uint32_t *dir, const char **part, size_t *len)
{
    *dir = 0;
    path = skip_slashes(path);
    for (;;) {
        const char *end = strchr(path, '/');
        *part = path;
        *len = end ? (size_t)(end - path) : strlen(path);
        if (*len > FAT_NAME_MAX)
            return -E_NAMETOOLONG;
        if (!end || !*skip_slashes(end))
            return 0;
        fat_found_t found;
        int result = find(fs, *dir, *part, *len, &found);
        if (result <= 0)
            return result < 0 ? result : -E_NOENT;
        if (!(found.raw[D_ATTR] & FAT_ATTR_DIR))
            return -E_NOTDIR;
        *dir = get16(found.raw + D_FIRST);
        path = skip_slashes(end);
    }
}

int fat_lookup(fat_t *fs, const char *path, fat_found_t *found)
{
    uint32_t dir;
    const char *part;
    size_t len;
    int result = walk(fs, path, &dir, &part, &len);
    if (result < 0)
        return result;
    if (!len) { /* the root has no entry of its own */
        memset(found, 0, sizeof *found);
        found->raw[D_ATTR] = FAT_ATTR_DIR;
        return 0;
    }
    result = find(fs, dir, part, len, found);
    return result < 0 ? result : result ? 0 : -E_NOENT;
}

/* ---- making names ---- */

static bool is_short_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'()-@^_`{}~", c));
}

/* Upper case letters of a part of a short name; false if cases are mixed. *lower: they were lower case. */
static bool short_part(uint8_t *to, const char *from, size_t len, bool *lower)
{
    bool upper = false;
    *lower = false;
    for (size_t i = 0; i < len; i++) {
        bool is_lower = from[i] >= 'a' && from[i] <= 'z';
        *lower |= is_lower;
        upper |= from[i] >= 'A' && from[i] <= 'Z';
        to[i] = (uint8_t)(is_lower ? from[i] - 32 : from[i]);
    }
    return !(upper && *lower);
}

/* A name that needs no long entries: fills the 11 characters and the case bits. */
static bool fits_short(const char *name, size_t len, uint8_t raw[ENTRY])
{
    const char *dot = memchr(name, '.', len);
    size_t base = dot ? (size_t)(dot - name) : len, ext = dot ? len - base - 1 : 0;
    bool lower_base, lower_ext = false;
    if (!base || base > 8 || ext > 3 || (dot && !ext))
        return false;
    for (size_t i = 0; i < len; i++)
        if (i != base && !is_short_char(name[i]))
            return false;
    memset(raw, ' ', 11);
    bool pure = short_part(raw, name, base, &lower_base) && (!ext || short_part(raw + 8, dot + 1, ext, &lower_ext));
    raw[D_CASE] = (uint8_t)((lower_base ? LOWER_BASE : 0) | (lower_ext ? LOWER_EXT : 0));
    return pure;
}

/* NAME~1.EXT for a long name; the number is counted up until no other entry has it. */
static int alias(fat_t *fs, uint32_t dir, const char *name, size_t len, uint8_t raw[ENTRY])
{
    uint8_t base[8], n = 0;
    size_t dot = len;
    while (dot > 1 && name[dot - 1] != '.')
        dot--;
    size_t end = dot > 1 ? dot - 1 : len;
    memset(raw, ' ', 11);
    raw[D_CASE] = 0;
    for (size_t i = 0; i < end && n < 6; i++)
        if (name[i] != '.' && name[i] != ' ')
            base[n++] = (uint8_t)(!is_short_char(name[i]) ? '_' : name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
    for (size_t i = end + 1, e = 8; i < len && e < 11; i++)
        raw[e++] = (uint8_t)(!is_short_char(name[i]) ? '_' : name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
    for (uint32_t number = 1; number < 100000; number++) {
        char digits[6];
        unsigned count = 0;
        for (uint32_t v = number; v; v /= 10)
            digits[count++] = (char)('0' + v % 10);
        unsigned keep = n + 1u + count > 8 ? 7 - count : n;
        memset(raw, ' ', 8);
        memcpy(raw, base, keep);
        raw[keep] = '~';
        for (unsigned i = 0; i < count; i++)
            raw[keep + 1 + i] = (uint8_t)digits[count - 1 - i];
        fat_dir_t d;
        int result;
        const uint8_t *e;
        for (dir_begin(fs, &d, dir); (e = dir_entry(&d, false, &result)) && e[0]; d.index++)
            if (e[0] != FREE && e[D_ATTR] != ATTR_LFN && memcmp(e, raw, 11) == 0)
                break;
        if (result < 0)
            return result;
        if (!e || !e[0])
            return 0;
    }
    return -E_EXIST;
}

/* UTF-16 units of a name; -1 if it cannot be a name. */
static int to_utf16(const char *name, size_t len, uint16_t *units)
{
    const uint8_t *p = (const uint8_t *)name, *end = p + len;
    int n = 0;
    if (name[len - 1] == '.' || name[len - 1] == ' ')
        return -1;
    while (p < end) {
        uint32_t c = *p++;
        unsigned more = c < 0x80 ? 0 : c < 0xc0 ? 9 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : 9;
        if (more > (size_t)(end - p) || c < 32 || (c < 0x80 && strchr("\\/:*?\"<>|\x7f", (int)c)))
            return -1;
        if (more)
            c &= 0x3fu >> more;
        for (; more; more--)
            c = c << 6 | (*p++ & 0x3f);
        if (c >= 0x10000) {
            units[n++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + (c & 0x3ff);
        }
        units[n++] = (uint16_t)c;
    }
    return n;
}

static void fill_long(uint8_t *e, unsigned number, bool last, const uint16_t *units, int count, uint8_t sum)
{
    memset(e, 0, ENTRY);
    e[0] = (uint8_t)(number | (last ? LFN_LAST : 0));
    e[D_ATTR] = ATTR_LFN;
    e[13] = sum;
    for (int i = 0; i < LFN_UNITS; i++) {
        int at = (int)(number - 1) * LFN_UNITS + i;
        put16(e + unit_offset[i], at < count ? units[at] : at == count ? 0 : 0xffff);
    }
}

/* d->index at the first of `wanted` entries in a row that are free. */
static int find_room(fat_dir_t *d, uint32_t wanted)
{
    uint32_t run = 0;
    for (;; d->index++) {
        int result;
        const uint8_t *e = dir_entry(d, true, &result);
        if (!e)
            return result;
        run = e[0] == FREE || e[0] == 0 ? run + 1 : 0;
        if (run == wanted) {
            d->index -= wanted - 1;
            return 0;
        }
    }
}

/* A new entry; raw has what is not the name. */
static int add_entry(fat_t *fs, uint32_t dir, const char *name, size_t len, fat_found_t *found)
{
    uint16_t units[FAT_NAME_MAX];
    int count = to_utf16(name, len, units), result = 0;
    if (count < 0)
        return -E_INVAL;
    unsigned pieces = 0;
    if (!fits_short(name, len, found->raw)) {
        pieces = ((unsigned)count + LFN_UNITS - 1) / LFN_UNITS;
        result = alias(fs, dir, name, len, found->raw);
    }
    fat_dir_t d;
    dir_begin(fs, &d, dir);
    if (result >= 0)
        result = find_room(&d, pieces + 1);
    found->dir = dir;
    found->start = d.index;
    for (unsigned i = pieces; result >= 0 && i > 0; i--, d.index++) {
        uint8_t *e = dir_entry(&d, false, &result);
        if (e)
            fill_long(e, i, i == pieces, units, count, checksum(found->raw));
        fs->data.dirty |= e != NULL;
    }
    uint8_t *e = result < 0 ? NULL : dir_entry(&d, false, &result);
    if (!e)
        return result < 0 ? result : -E_IO;
    memcpy(e, found->raw, ENTRY);
    fs->data.dirty = true;
    found->index = d.index;
    found->entry = fs->data.block * ENTRIES_PER_BLOCK + d.index % ENTRIES_PER_BLOCK;
    return 0;
}

int fat_lookup_or_make(fat_t *fs, const char *path, uint8_t attr, uint32_t first, fat_found_t *found)
{
    uint32_t dir;
    const char *part;
    size_t len;
    int result = walk(fs, path, &dir, &part, &len);
    if (result < 0)
        return result;
    if (!len)
        return fat_lookup(fs, path, found);
    result = find(fs, dir, part, len, found);
    if (result != 0)
        return result < 0 ? result : 0;
    memset(found->raw, 0, ENTRY);
    found->raw[D_ATTR] = attr;
    put32(found->raw + D_TIME, fat_now(fs));
    put32(found->raw + D_CTIME, fat_now(fs));
    put16(found->raw + D_FIRST, first);
    result = add_entry(fs, dir, part, len, found);
    return result < 0 ? result : 1;
}

static int delete_entry(fat_t *fs, const fat_found_t *found)
{
    fat_dir_t d;
    dir_begin(fs, &d, found->dir);
    for (d.index = found->start; d.index <= found->index; d.index++) {
        int result;
        uint8_t *e = dir_entry(&d, false, &result);
        if (!e)
            return result < 0 ? result : -E_IO;
        e[0] = FREE;
        fs->data.dirty = true;
    }
    return fat_flush(fs, &fs->data);
}

/* ---- the public side ---- */

int fat_dir_open(fat_t *fs, fat_dir_t *d, const char *path)
{
    fat_found_t found;
    int result = fat_lookup(fs, path, &found);
    if (result < 0)
        return result;
    if (!(found.raw[D_ATTR] & FAT_ATTR_DIR))
        return -E_NOTDIR;
    dir_begin(fs, d, get16(found.raw + D_FIRST));
    return 0;
}

static void fill_info(fat_info_t *info, const uint8_t *raw)
{
    info->attr = raw[D_ATTR];
    info->first = get16(raw + D_FIRST);
    info->size = raw[D_ATTR] & FAT_ATTR_DIR ? 0 : get32(raw + D_SIZE);
    info->modified = get32(raw + D_TIME);
}

int fat_dir_next(fat_dir_t *d, fat_info_t *info)
{
    fat_found_t found;
    int result;
    do {
        result = next_entry(d, info->name, &found);
        if (result <= 0)
            return result;
    } while (found.raw[0] == '.');
    fill_info(info, found.raw);
    return 1;
}

int fat_stat(fat_t *fs, const char *path, fat_info_t *info)
{
    fat_found_t found;
    int result = fat_lookup(fs, path, &found);
    if (result < 0)
        return result;
    info->name[0] = 0;
    fill_info(info, found.raw);
    return 0;
}

static void fill_dot(uint8_t *e, const char *name, uint32_t first, uint32_t now)
{
    memset(e, 0, ENTRY);
    memcpy(e, name, 11);
    e[D_ATTR] = FAT_ATTR_DIR;
    put32(e + D_TIME, now);
    put32(e + D_CTIME, now);
    put16(e + D_FIRST, first);
}

int fat_mkdir(fat_t *fs, const char *path)
{
    fat_found_t found;
    uint32_t parent;
    const char *part;
    size_t len;
    int result = walk(fs, path, &parent, &part, &len);
    if (result < 0)
        return result;
    result = len ? find(fs, parent, part, len, &found) : 1;
    if (result != 0)
        return result < 0 ? result : -E_EXIST;
    int32_t cluster = fat_allocate(fs, 0);
    if (cluster < 0)
        return cluster;
    for (uint32_t i = fs->cluster_blocks; i-- > 0;) {
        result = fat_load(fs, fat_cluster_block(fs, (uint32_t)cluster) + i);
        if (result < 0)
            return result;
        memset(fs->data.data, 0, FAT_BLOCK);
        fs->data.dirty = true;
    }
    fill_dot(fs->data.data, ".          ", (uint32_t)cluster, fat_now(fs));
    fill_dot(fs->data.data + ENTRY, "..         ", parent, fat_now(fs));
    result = fat_flush(fs, &fs->data);
    if (result >= 0)
        result = fat_flush(fs, &fs->table);
    if (result >= 0)
        result = fat_lookup_or_make(fs, path, FAT_ATTR_DIR, (uint32_t)cluster, &found);
    if (result < 0) {
        fat_free_chain(fs, (uint32_t)cluster);
        return result;
    }
    return fat_flush(fs, &fs->data);
}

int fat_remove(fat_t *fs, const char *path)
{
    fat_found_t found;
    int result = fat_lookup(fs, path, &found);
    if (result < 0)
        return result;
    if (found.raw[D_ATTR] & FAT_ATTR_DIR)
        return -E_ISDIR;
    if (found.raw[D_ATTR] & FAT_ATTR_READ_ONLY)
        return -E_ACCES;
    result = delete_entry(fs, &found);
    return result < 0 ? result : fat_free_chain(fs, get16(found.raw + D_FIRST));
}

int fat_rmdir(fat_t *fs, const char *path)
{
    fat_found_t found, inside;
    char name[FAT_NAME_MAX + 1];
    int result = fat_lookup(fs, path, &found);
    if (result < 0)
        return result;
    uint32_t first = get16(found.raw + D_FIRST);
    if (!(found.raw[D_ATTR] & FAT_ATTR_DIR))
        return -E_NOTDIR;
    if (!first)
        return -E_PERM;
    fat_dir_t d;
    dir_begin(fs, &d, first);
    while ((result = next_entry(&d, name, &inside)) == 1)
        if (inside.raw[0] != '.')
            return -E_NOTEMPTY;
    if (result >= 0)
        result = delete_entry(fs, &found);
    return result < 0 ? result : fat_free_chain(fs, first);
}

/* Does the path lead through the directory with this cluster? */
static bool leads_through(fat_t *fs, const char *path, uint32_t cluster)
{
    for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        char prefix[FAT_NAME_MAX + 1];
        fat_found_t found;
        size_t len = (size_t)(p - path);
        if (len > FAT_NAME_MAX)
            return true; /* cannot tell: rather not */
        memcpy(prefix, path, len);
        prefix[len] = 0;
        if (fat_lookup(fs, prefix, &found) == 0 && get16(found.raw + D_FIRST) == cluster)
            return true;
    }
    return false;
}

/* The target's entry becomes that of the file `old`; only its name stays. In this order at every moment there is the one
 * file or the other under the target's name. */
static int replace_entry(fat_t *fs, const fat_found_t *old, const fat_found_t *target)
{
    if (target->raw[D_ATTR] & FAT_ATTR_READ_ONLY)
        return -E_ACCES;
    int result = fat_load(fs, target->entry / ENTRIES_PER_BLOCK);
    if (result < 0)
        return result;
    uint8_t *e = fs->data.data + target->entry % ENTRIES_PER_BLOCK * ENTRY;
    uint8_t lower = e[D_CASE];
    memcpy(e + D_ATTR, old->raw + D_ATTR, ENTRY - D_ATTR);
    e[D_CASE] = lower;
    fs->data.dirty = true;
    result = delete_entry(fs, old);
    return result < 0 ? result : fat_free_chain(fs, get16(target->raw + D_FIRST));
}

/* What was written before is synced first: a device that keeps together what is written between two syncs keeps
 * the old and the new name together. */
int fat_rename(fat_t *fs, const char *from, const char *to)
{
    fat_found_t old, target;
    uint32_t dir;
    const char *part;
    size_t len;
    int result = fat_sync(fs);
    if (result >= 0)
        result = fat_lookup(fs, from, &old);
    if (result < 0)
        return result;
    uint32_t first = get16(old.raw + D_FIRST);
    bool is_dir = old.raw[D_ATTR] & FAT_ATTR_DIR;
    if (is_dir && (!first || leads_through(fs, to, first)))
        return -E_INVAL;
    result = walk(fs, to, &dir, &part, &len);
    if (result >= 0)
        result = len ? find(fs, dir, part, len, &target) : -E_EXIST;
    if (result < 0)
        return result;
    if (result == 1 && target.entry != old.entry) {
        if (is_dir || target.raw[D_ATTR] & FAT_ATTR_DIR)
            return -E_EXIST;
        return replace_entry(fs, &old, &target);
    }
    if (result == 1) { /* only the case changes: the old name would be found again */
        result = delete_entry(fs, &old);
        old.dir = 0xffffffff;
    }
    if (result < 0)
        return result;
    memcpy(target.raw, old.raw, ENTRY);
    result = add_entry(fs, dir, part, len, &target);
    if (result < 0)
        return result;
    if (old.dir != 0xffffffff)
        result = delete_entry(fs, &old);
    if (result >= 0 && is_dir && dir != old.dir) { /* its ".." */
        result = fat_load(fs, fat_cluster_block(fs, first));
        if (result >= 0) {
            put16(fs->data.data + ENTRY + D_FIRST, dir);
            fs->data.dirty = true;
        }
    }
    return result < 0 ? result : fat_flush(fs, &fs->data);
}
