/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site: which modules are loaded, with which settings, and the site's defaults. Read from a
 * JSON file (--site, CF_SITE, then the installed site.json); without any, the built-in default site
 * loads the shipped modules, so everything works unconfigured.
 */
#ifndef CF_SITE_H
#define CF_SITE_H

#include <cf/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_site cf_site_t;
typedef struct cf_module cf_module_t;

/*
 * Modules are found by name in a list of folders joined by ':', an empty element being the built-in
 * one; all must be absolute. A name with a '/' is a path itself. doc/plugins.md has the eleven
 * steps of loading; CF_E_PLUGIN names module, path and step.
 */

/*
 * path NULL = CF_SITE, else the installed file when there, else built-in. Modules are loaded when
 * first needed.
 */
CF_API int cf_site_open(cf_site_t **s, const char *path, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_site_close(cf_site_t *s);
/* Where it came from, "built-in" when nowhere; borrowed. */
CF_API const char *cf_site_path(const cf_site_t *s);
/*
 * Folders of modules (CF_PLUGIN_PATH, --plugin-path), instead of the site's "plugin-path". Before
 * the first load.
 */
CF_API int cf_site_plugin_path(cf_site_t *s, const char *list, cf_diag_t *d) CF_MUST_USE;
/*
 * --plugin NAME or PATH: load now. A name that the site has keeps its place and settings there (a
 * path then takes the place of the file that would be found); others come behind. A module that is
 * loaded already is an error.
 */
CF_API int cf_site_plugin(cf_site_t *s, const char *name, cf_diag_t *d) CF_MUST_USE;

/*
 * Load (once) a module by name. *m borrowed for the site's life. Thread-safe after the call that
 * loaded it.
 */
CF_API int cf_site_module(cf_site_t *s, const char *name, cf_module_t **m,
                          cf_diag_t *d) CF_MUST_USE;
/* i-th configured reader module in order of the site, loaded; CF_EOF behind the last. */
CF_API int cf_site_reader(cf_site_t *s, size_t i, cf_module_t **m, cf_diag_t *d) CF_MUST_USE;
/*
 * Name of the i-th module in order of the site, NULL behind the last; borrowed. Nothing is loaded.
 */
CF_API const char *cf_site_name(const cf_site_t *s, size_t i);
/*
 * Names of all modules that are in the folders, sorted, whether the site has them or not. *names is
 * new: NULL-ended, one free().
 */
CF_API int cf_site_available(const cf_site_t *s, char ***names, cf_diag_t *d) CF_MUST_USE;

/* Steps 2 to 8 for one file, outside of any site. *m is new, freed by cf_module_close. */
CF_API int cf_module_check(cf_module_t **m, const char *path, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_module_close(cf_module_t *m);
CF_API const cf_plugin_t *cf_module_plugin(const cf_module_t *m);
CF_API const char *cf_module_path(const cf_module_t *m);
/*
 * Typed settings: presets, then the site's, then extra ("key=value", NULL-ended, or NULL); checked
 * by range and by the module's veto. *values is new, freed by cf_settings_free.
 */
CF_API int cf_module_settings(const cf_module_t *m, const char *const *extra,
                              cf_setting_value_t **values, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_settings_free(cf_setting_value_t *values);

/* Fields that are left out when raw logs are read: NULL-ended names, borrowed. */
CF_API const char *const *cf_site_drop(const cf_site_t *s);

#ifdef __cplusplus
}
#endif
#endif
