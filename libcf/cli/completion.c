/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --completion: a bash function made from the option table. It needs no helper of the shell's
 * completion package. What an option's value is, its name in the table tells: FILE, OUT and PATH
 * are files, DIR and DIRS folders, FIELDS and LIST field names joined by commas, "a|b|c" these
 * words.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum what { NOTHING, FILES, FOLDERS, FIELDS, WORDS };

static enum what value_of(const char *arg)
{
    static const struct {
        const char *name;
        enum what what;
    } known[] = {
        { "FILE", FILES }, { "OUT", FILES }, { "PATH", FILES }, { "NAME|PATH", FILES },
        { "DIR", FOLDERS }, { "DIRS", FOLDERS }, { "FIELDS", FIELDS }, { "LIST", FIELDS },
        { "FIELD", FIELDS },
    };
    size_t n = strcspn(arg += arg[0] == '[', "]");

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].name) == n && memcmp(known[i].name, arg, n) == 0)
            return known[i].what;
    }
    return (*arg >= 'a' && *arg <= 'z') ? WORDS : NOTHING;
}

static void put_cases(const cf_cli_t *c, enum what what, const char *action)
{
    const char *joint = "    ";
    const cf_opt_t *o;
    bool any = false;

    for (size_t i = 0; (o = cfi_cli_opt(c->cmd, i)) != NULL; i++) {
        if (cfi_cli_opt_hidden(o) || o->arg == NULL || value_of(o->arg) != what)
            continue;
        fprintf(stdout, "%s--%s", joint, o->name);
        if (o->letter != 0)
            fprintf(stdout, "|-%c", o->letter);
        joint = "|";
        any = true;
    }
    if (any)
        fprintf(stdout, ")\n        %s ;;\n", action);
}

static void put_word_cases(const cf_cli_t *c)
{
    const cf_opt_t *o;

    for (size_t i = 0; (o = cfi_cli_opt(c->cmd, i)) != NULL; i++) {
        if (cfi_cli_opt_hidden(o) || o->arg == NULL || value_of(o->arg) != WORDS)
            continue;
        fprintf(stdout, "    --%s", o->name);
        if (o->letter != 0)
            fprintf(stdout, "|-%c", o->letter);
        fputs(")\n        COMPREPLY=( $(compgen -W \"", stdout);
        for (const char *s = o->arg + (o->arg[0] == '['); *s != '\0' && *s != ']'; s++)
            fputc(*s == '|' ? ' ' : *s, stdout);
        fputs("\" -- \"$word\") ) ;;\n", stdout);
    }
}

static void put_option_words(const cf_cli_t *c)
{
    const cf_opt_t *o;

    for (size_t i = 0; (o = cfi_cli_opt(c->cmd, i)) != NULL; i++) {
        if (!cfi_cli_opt_hidden(o))
            fprintf(stdout, " --%s%s", o->name, o->arg != NULL && o->arg[0] != '[' ? "=" : "");
    }
}

static void put_fields(void)
{
    const cf_field_t *f;

    for (size_t i = 0; (f = cf_field_at(i)) != NULL; i++)
        fprintf(stdout, "%s%s", i > 0 ? " " : "", f->name);
}

int cfi_cli_completion(cf_cli_t *c)
{
    const char *name = c->cmd->name;

    fprintf(stdout, "# bash completion of %s, made by '%s --completion'\n_cftools_%s()\n{\n", name,
            name, name);
    /* bash splits words at '=', so "--a=b" comes as three of them. */
    fputs("    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} head=\n"
          "    COMPREPLY=()\n"
          "    if [[ $word == \"=\" ]]; then\n"
          "        word=\n"
          "    elif [[ $option == \"=\" ]]; then\n"
          "        option=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    fi\n"
          "    case $option in\n", stdout);
    put_cases(c, FILES, "COMPREPLY=( $(compgen -f -- \"$word\") )");
    put_cases(c, FOLDERS, "COMPREPLY=( $(compgen -d -- \"$word\") )");
    put_cases(c, FIELDS, "[[ $word == *,* ]] && head=${word%,*},\n"
              "        compopt -o nospace 2>/dev/null\n"
              "        COMPREPLY=( $(compgen -P \"$head\" -W \"$_cftools_fields\" -- "
              "\"${word##*,}\") )");
    put_word_cases(c);
    put_cases(c, NOTHING, "return");
    fputs("    *)\n"
          "        if [[ $word == -* ]]; then\n"
          "            COMPREPLY=( $(compgen -W \"", stdout);
    put_option_words(c);
    fputs("\" -- \"$word\") )\n"
          "            [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
          "        else\n"
          "            COMPREPLY=( $(compgen -f -- \"$word\") )\n"
          "        fi ;;\n"
          "    esac\n"
          "}\n"
          "_cftools_fields=\"", stdout);
    put_fields();
    fprintf(stdout, "\"\ncomplete -o filenames -F _cftools_%s %s\n", name, name);
    return cfi_cli_close_stdout(c);
}
