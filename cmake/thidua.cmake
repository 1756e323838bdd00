# Small helpers, so that CMakeLists.txt reads as the table of the house.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# Asserts stay on in every build: no -DNDEBUG.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-Og -g")

option(THIDUA_WERROR "Warnings are errors" OFF)
set(THIDUA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

include(GNUInstallDirs)
# Where messages in other languages lie, counted from where the programs lie.
file(RELATIVE_PATH THIDUA_CATALOGUES ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LOCALEDIR})
find_package(PkgConfig REQUIRED)
foreach(package libsodium libutf8proc smartcols libprotobuf-c libzmq jansson lmdb libcyaml yaml-0.1)
  pkg_check_modules(PC_${package} REQUIRED IMPORTED_TARGET ${package})
endforeach()
find_library(CSV_LIBRARY csv REQUIRED)
find_package(Threads REQUIRED)
find_program(PROTOC_C NAMES protoc-c REQUIRED)

set(THIDUA_LINK_sodium PkgConfig::PC_libsodium)
set(THIDUA_LINK_utf8proc PkgConfig::PC_libutf8proc)
set(THIDUA_LINK_csv ${CSV_LIBRARY})
set(THIDUA_LINK_smartcols PkgConfig::PC_smartcols)
set(THIDUA_LINK_protobuf-c PkgConfig::PC_libprotobuf-c)
# Loaded when it is needed (proto/zmqlib.h): its header, and what loads it.
add_library(thidua_zmq INTERFACE)
target_include_directories(thidua_zmq SYSTEM INTERFACE ${PC_libzmq_INCLUDE_DIRS})
target_link_libraries(thidua_zmq INTERFACE ${CMAKE_DL_LIBS})
set(THIDUA_LINK_zmq thidua_zmq)
set(THIDUA_LINK_jansson PkgConfig::PC_jansson)
set(THIDUA_LINK_lmdb PkgConfig::PC_lmdb)
set(THIDUA_LINK_cyaml PkgConfig::PC_libcyaml)
set(THIDUA_LINK_yaml PkgConfig::PC_yaml-0.1)
set(THIDUA_LINK_threads Threads::Threads)

add_library(thidua_flags INTERFACE)
target_compile_definitions(thidua_flags INTERFACE _GNU_SOURCE)
target_compile_options(thidua_flags INTERFACE -fno-common -fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(thidua_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_include_directories(thidua_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(THIDUA_SANITIZE)
  target_compile_options(thidua_flags INTERFACE -fsanitize=${THIDUA_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(thidua_flags INTERFACE -fsanitize=${THIDUA_SANITIZE})
endif()

add_library(thidua_warnings INTERFACE)
target_compile_options(thidua_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wcast-qual -Wnull-dereference
  $<$<BOOL:${THIDUA_WERROR}>:-Werror>)

# thidua_layer(NAME [LAYERS ...] [THIRD_PARTY ...]): folder NAME as static library thidua_NAME.
# The folder's program main (*d.c with a main) is not part of it.
function(thidua_layer name)
  cmake_parse_arguments(A "" "" "LAYERS;THIRD_PARTY" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.c)
  list(FILTER sources EXCLUDE REGEX "/(hubd|noded|auditd)\\.c$")
  add_library(thidua_${name} STATIC ${sources})
  target_link_libraries(thidua_${name} PUBLIC thidua_flags PRIVATE thidua_warnings)
  foreach(layer ${A_LAYERS})
    target_link_libraries(thidua_${name} PUBLIC thidua_${layer})
  endforeach()
  foreach(lib ${A_THIRD_PARTY})
    target_link_libraries(thidua_${name} PRIVATE ${THIDUA_LINK_${lib}})
  endforeach()
endfunction()

# thidua_schemas(LAYER): every LAYER/*.proto through protoc-c, as a system include <x.pb-c.h>.
function(thidua_schemas layer)
  file(GLOB schemas CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${layer}/*.proto)
  set(out ${PROJECT_BINARY_DIR}/schema)
  file(MAKE_DIRECTORY ${out})
  foreach(schema ${schemas})
    get_filename_component(stem ${schema} NAME_WE)
    add_custom_command(
      OUTPUT ${out}/${stem}.pb-c.c ${out}/${stem}.pb-c.h
      COMMAND ${PROTOC_C} --c_out=${out} --proto_path=${PROJECT_SOURCE_DIR}/${layer} ${schema}
      DEPENDS ${schemas})
    list(APPEND generated ${out}/${stem}.pb-c.c)
    list(APPEND headers ${out}/${stem}.pb-c.h)
  endforeach()
  add_library(thidua_schema STATIC ${generated} ${headers})
  target_include_directories(thidua_schema SYSTEM PUBLIC ${out})
  target_link_libraries(thidua_schema PUBLIC PkgConfig::PC_libprotobuf-c thidua_flags)
  target_link_libraries(thidua_${layer} PRIVATE thidua_schema)
  add_dependencies(thidua_${layer} thidua_schema)
endfunction()

# thidua_program(NAME MAIN LAYER): a program is its main over one layer.
function(thidua_program name main layer)
  add_executable(${name} ${PROJECT_SOURCE_DIR}/${main})
  target_link_libraries(${name} PRIVATE thidua_${layer} thidua_warnings)
  target_compile_definitions(${name} PRIVATE
    THIDUA_VERSION="${PROJECT_VERSION}")
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# thidua_translations(vi.po): compiled beside the programs, installed with them.
function(thidua_translations po)
  find_program(MSGFMT NAMES msgfmt REQUIRED)
  get_filename_component(lang ${po} NAME_WE)
  set(dir ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${THIDUA_CATALOGUES}/${lang}/LC_MESSAGES)
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(OUTPUT ${dir}/thidua.mo
    COMMAND ${MSGFMT} --check-format -o ${dir}/thidua.mo ${PROJECT_SOURCE_DIR}/${po}
    DEPENDS ${PROJECT_SOURCE_DIR}/${po})
  add_custom_target(translations ALL DEPENDS ${dir}/thidua.mo)
  install(FILES ${dir}/thidua.mo DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${lang}/LC_MESSAGES)
endfunction()

# thidua_services(unit...): where systemd looks below the prefix, each starting the program that is installed with it.
function(thidua_services)
  foreach(unit ${ARGN})
    get_filename_component(name ${unit} NAME)
    install(CODE "
      file(READ \"${PROJECT_SOURCE_DIR}/${unit}\" text)
      string(REPLACE /usr/local/bin \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\" text \"\${text}\")
      file(WRITE \"${PROJECT_BINARY_DIR}/${name}\" \"\${text}\")
      file(INSTALL \"${PROJECT_BINARY_DIR}/${name}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")")
  endforeach()
endfunction()
