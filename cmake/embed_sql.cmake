# Embeds sql/ into one generated C file: an enum row and a const table entry per statement, and the
# migrations in order. cmake/embed_sql.py does the work; SQL_SOURCES lists what to compile.
file(GLOB sql_files CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/sql/migrations/*.sql ${CMAKE_SOURCE_DIR}/sql/queries/*.sql)
set(SQL_SOURCES ${CMAKE_BINARY_DIR}/generated/sql_table.c ${CMAKE_BINARY_DIR}/generated/sql_table.h)
add_custom_command(
  OUTPUT ${SQL_SOURCES}
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/cmake/embed_sql.py ${CMAKE_SOURCE_DIR}/sql
    ${CMAKE_BINARY_DIR}/generated
  DEPENDS ${sql_files} ${CMAKE_SOURCE_DIR}/cmake/embed_sql.py
  COMMENT "Embedding sql/")
