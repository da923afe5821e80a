# Writes OUTPUT.h and OUTPUT.cc with the *.sql of FOLDER; see praxis_schema().
string(REGEX REPLACE "^(.)(.*)$" "\\1" first ${COMPONENT})
string(REGEX REPLACE "^(.)(.*)$" "\\2" rest ${COMPONENT})
string(TOUPPER ${first} first)
set(function ${first}${rest}Schema)

file(WRITE ${OUTPUT}.h "// Generated from ${HEADER}'s folder. DO NOT EDIT.
#pragma once
#include \"services/common/sql/migrate.h\"

namespace praxis::${COMPONENT} {

praxis::sql::Schema ${function}();

}  // namespace praxis::${COMPONENT}
")

# The delimiter lets SQL hold any quote and bracket.
set(code "// Generated. DO NOT EDIT.
#include \"${HEADER}\"

namespace praxis::${COMPONENT} {

praxis::sql::Schema ${function}() {
  praxis::sql::Schema schema;
  schema.component = \"${COMPONENT}\";
")
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  file(READ ${file} sql)
  string(APPEND code "  schema.migrations.push_back(
      {\"${name}\", R\"praxis_sql(${sql})praxis_sql\"});\n")
endforeach()
string(APPEND code "  return schema;
}

}  // namespace praxis::${COMPONENT}
")
file(WRITE ${OUTPUT}.cc "${code}")
