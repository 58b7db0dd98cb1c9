# Debian packages: one for each component, made by CPack (./dev package). The folder has their scripts.
set(REGISTRYD_PACKAGE_RELEASE 1 CACHE STRING "Behind the version of the packages: a new number for packages made anew")
set(REGISTRYD_PACKAGE_CONTACT "registryd <registryd@example.org>" CACHE STRING "Who maintains the packages")
set(version ${PROJECT_VERSION}-${REGISTRYD_PACKAGE_RELEASE})
set(debian ${CMAKE_CURRENT_SOURCE_DIR}/debian)
set(made ${CMAKE_CURRENT_BINARY_DIR}/debian)

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT ${REGISTRYD_PACKAGE_CONTACT})
set(CPACK_DEBIAN_PACKAGE_RELEASE ${REGISTRYD_PACKAGE_RELEASE})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, where that is set

# package(COMPONENT NAME SECTION SUMMARY DESCRIPTION): what every package has. Its scripts and other control files
# are those of the folder `debian/NAME`.
macro(package component name section summary description)
  string(TOUPPER ${component} key)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section})
  set(CPACK_COMPONENT_${key}_DESCRIPTION "${summary}\n${description}")
  file(GLOB control ${debian}/${name}/*)
  set(CPACK_DEBIAN_${key}_PACKAGE_CONTROL_EXTRA ${control})

  if(REGISTRYD_FOR_DEBIAN)
    install_documents(${component} ${name})
  endif()
endmacro()

function(install_documents component name)
  file(MAKE_DIRECTORY ${made}/${name})
  configure_file(${debian}/changelog.in ${made}/${name}/changelog.Debian @ONLY)
  execute_process(COMMAND gzip -9nf ${made}/${name}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${debian}/copyright ${made}/${name}/changelog.Debian.gz COMPONENT ${component}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name})
endfunction()

package(registryd registryd net "Registry of plugins, served over HTTP"
"Teams publish plugin packages. Host applications ask the registry for the
entry points of a group: which plugins exist for this host, this Python and
this environment.
.
This package has the daemon. It stores everything in PostgreSQL: in a private
server that it runs itself, or in yours.")
set(CPACK_DEBIAN_REGISTRYD_PACKAGE_DEPENDS "adduser")
set(CPACK_DEBIAN_REGISTRYD_PACKAGE_RECOMMENDS "postgresql-15 | postgresql")
set(CPACK_DEBIAN_REGISTRYD_PACKAGE_SUGGESTS "registryctl")

package(registryctl registryctl net "Command line of a registry of plugins"
"Publishes plugins to a registry, lists the entry points of a group, finds
plugins in directories, compares both, and keeps snapshots on hosts.")

package(library libregistryclient0 libs "Library for hosts of plugins"
"Looks up plugins in a snapshot of a registry within microseconds, refreshes
the snapshot, and finds plugins in directories.")

package(development libregistryclient-dev libdevel "Library for hosts of plugins: files for development"
"The header, descriptions for pkg-config and CMake, manual pages and an
example of a host in C.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libregistryclient0 (= ${version})")
if(REGISTRYD_FOR_DEBIAN)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/examples/c/ COMPONENT development
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libregistryclient-dev/examples)
endif()

package(python python3-registryclient python "Plugins of a registry for hosts in Python"
"A drop-in for the entry points of importlib.metadata, for stevedore and for
pluggy. It answers from a snapshot of a registry.")
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= 3.10)")

include(CPack)
