# tests: torture
