# Embeds registryd/web/static into one generated C file; WEB_SOURCES lists what to compile.
file(GLOB web_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/registryd/web/static/*)
set(WEB_SOURCES ${CMAKE_BINARY_DIR}/generated/web_table.c ${CMAKE_BINARY_DIR}/generated/web_table.h)
add_custom_command(
  OUTPUT ${WEB_SOURCES}
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/cmake/embed_web.py ${CMAKE_SOURCE_DIR}/registryd/web/static
    ${CMAKE_BINARY_DIR}/generated
  DEPENDS ${web_files} ${CMAKE_SOURCE_DIR}/cmake/embed_web.py
  COMMENT "Embedding registryd/web/static/")
