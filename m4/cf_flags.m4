# SPDX-License-Identifier: Apache-2.0
# Flags that are used only where the compiler or the linker knows them.

# CF_TRY_CFLAG(VARIABLE, FLAG): append FLAG to VARIABLE when the compiler takes it silently.
AC_DEFUN([CF_TRY_CFLAG], [
  AS_VAR_PUSHDEF([cf_cache], [cf_cv_cflag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cf_cache], [
    cf_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
      [AS_VAR_SET([cf_cache], [yes])], [AS_VAR_SET([cf_cache], [no])])
    CFLAGS=$cf_save_CFLAGS])
  AS_VAR_IF([cf_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cf_cache])])

# CF_TRY_CFLAGS(VARIABLE, LIST)
AC_DEFUN([CF_TRY_CFLAGS], [m4_foreach_w([cf_flag], [$2], [CF_TRY_CFLAG([$1], cf_flag)])])

# CF_TRY_LDFLAG(VARIABLE, FLAG): append FLAG to VARIABLE when a shared object links with it.
AC_DEFUN([CF_TRY_LDFLAG], [
  AS_VAR_PUSHDEF([cf_cache], [cf_cv_ldflag_$2])
  AC_CACHE_CHECK([whether the linker takes $2], [cf_cache], [
    cf_save_CFLAGS=$CFLAGS
    cf_save_LDFLAGS=$LDFLAGS
    CFLAGS="$CFLAGS -fPIC"
    LDFLAGS="$LDFLAGS -shared $2"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[int cf_probe(void); int cf_probe(void) { return 0; }]])],
      [AS_VAR_SET([cf_cache], [yes])], [AS_VAR_SET([cf_cache], [no])])
    CFLAGS=$cf_save_CFLAGS
    LDFLAGS=$cf_save_LDFLAGS])
  AS_VAR_IF([cf_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cf_cache])])
