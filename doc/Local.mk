# Man pages are listed by the command they belong to (tools/CMD/Local.mk, dist_man1_MANS).

# Completion for bash, written by each command from its own option table.
$(nodist_bashcomp_DATA): $(bin_PROGRAMS)
	$(AM_V_GEN)$(MKDIR_P) doc/completion && cmd=`basename $@` && \
	  tools/$$cmd/$$cmd --completion >$@.tmp && mv $@.tmp $@
CLEANFILES += $(nodist_bashcomp_DATA)

dist_man7_MANS += doc/man/cftools.7
dist_doc_DATA += doc/decisions.md doc/plugins.md doc/format.md doc/errors.md doc/environment.md \
	doc/fields.md
