# Folders that GNUInstallDirs does not know. Both follow the prefix of the configuration.
# Programs that only registryd starts.
set(REGISTRYD_INSTALL_HELPERDIR ${CMAKE_INSTALL_LIBEXECDIR}/registryd)

# Debian's Python reads /usr/lib/python3 for all its versions; under another prefix, the folder of one version.
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(python_dir lib/python3/dist-packages)
else()
  set(python_dir lib/python${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR}/dist-packages)
endif()
set(REGISTRYD_INSTALL_PYTHONDIR ${python_dir} CACHE STRING "Where the Python package is installed")
