# Embeds registryd/web/static and the description of the API into one generated C file; WEB_SOURCES lists what to compile.
file(GLOB web_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/registryd/web/static/*)
set(api_files ${CMAKE_SOURCE_DIR}/docs/openapi.yaml ${CMAKE_SOURCE_DIR}/docs/openapi.json)
set(WEB_SOURCES ${CMAKE_BINARY_DIR}/generated/web_table.c ${CMAKE_BINARY_DIR}/generated/web_table.h)
add_custom_command(
  OUTPUT ${WEB_SOURCES}
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/cmake/embed_web.py ${CMAKE_BINARY_DIR}/generated
    ${CMAKE_SOURCE_DIR}/registryd/web/static ${api_files}
  DEPENDS ${web_files} ${api_files} ${CMAKE_SOURCE_DIR}/cmake/embed_web.py
  COMMENT "Embedding registryd/web/static/ and docs/openapi.*")
