// SPDX-License-Identifier: GPL-2.0-or-later
// What the subcommands share, and the two that only list things.
#include "commands.h"
#include <stdio.h>
#include <string.h>

bool command_options(int *argc, char ***argv, const char *operands, const char *summary,
                     const char *more, GOptionEntry *entries)
{
    g_autofree char *name = g_strdup_printf("solderless %s", (*argv)[0]);
    g_set_prgname(name);
    g_autoptr(GOptionContext) context = g_option_context_new(operands);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, more);
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    if (g_option_context_parse(context, argc, argv, &error))
        return true;
    fprintf(stderr, "%s: %s\nTry '%s --help'.\n", name, error->message, name);
    return false;
}

void command_report(void *ctx, report_t kind, const char *text)
{
    static const char *const words[] = {
        [REPORT_NOTE] = "note",
        [REPORT_WARNING] = "warning",
        [REPORT_UNMODELLED] = "warning",
        [REPORT_GUEST_ERROR] = "firmware error",
    };
    fprintf(stderr, "solderless: %s: %s\n", words[kind], text);
}

static int boards_main(int argc, char **argv)
{
    GOptionEntry entries[] = {{NULL}};
    if (!command_options(&argc, &argv, "", "Lists the boards.", NULL, entries))
        return EXIT_USAGE;
    int code = EXIT_PASS;
    g_autoptr(GPtrArray) names = board_names();
    for (guint i = 0; i < names->len; i++) {
        g_autoptr(GError) error = NULL;
        board_t *b = board_load(names->pdata[i], &error);
        if (b) {
            printf("%-24s %s (%s)\n", b->name, b->title, b->soc);
            board_free(b);
        } else {
            fprintf(stderr, "solderless: %s\n", error->message);
            code = EXIT_FAIL;
        }
    }
    return code;
}

const command_t command_boards = {"boards", "list the boards", boards_main};

static void print_part(const part_class_t *c)
{
    printf("%-20s %s\n", c->name, c->brief ? c->brief : "");
    if (c->alias)
        printf("%20s also %s\n", "", c->alias);
    for (const char *const *pin = c->pins; pin && *pin; pin++)
        printf("%s%s%s", pin == c->pins ? "                     pins " : "", *pin,
               pin[1] ? " " : "\n");
    for (const part_prop_t *p = c->props; p && p->name; p++)
        if (p->kind == PROP_OUTPUT)
            printf("%20s shows %s\n", "", p->name);
        else
            printf("%20s control %s, %g to %g %s (%g)\n", "", p->name, p->min, p->max,
                   p->unit ? p->unit : "", p->def);
    for (const char *const *a = c->attrs; a && *a; a++)
        printf("%20s attribute %s\n", "", *a);
}

static int parts_main(int argc, char **argv)
{
    gboolean all = FALSE;
    GOptionEntry entries[] = {
        {"all", 'a', 0, G_OPTION_ARG_NONE, &all, "Also the peripherals inside chips", NULL}, {NULL}};
    if (!command_options(&argc, &argv, "", "Lists the parts that a diagram may use.", NULL, entries))
        return EXIT_USAGE;
    for (const part_class_t *const *c = part_classes; *c; c++)
        if (all || !(*c)->mmio_size)
            print_part(*c);
    return EXIT_PASS;
}

const command_t command_parts = {"parts", "list the parts for diagrams, with pins and controls",
                                 parts_main};
