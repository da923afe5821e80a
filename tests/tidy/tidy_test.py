"""Seeds each violation into a small tree and sees it caught, and sees what is
right pass."""

import unittest

import house
import tidy
from source import Source


def violations(files, exceptions=''):
    """What tidy says of a tree given as {path: text}, as "rule path name"."""
    exemptions, bad = tidy.parse_exemptions(exceptions)
    tree = [Source(path, text) for path, text in sorted(files.items())]
    return [f'{v.rule} {v.path} {v.name}'.strip()
            for v in bad + tidy.check(tree, exemptions)]


def function(name, lines):
    """A C++ function of that many lines, brace to signature."""
    return f'int {name}(int a) {{\n' + '  ++a;\n' * (lines - 2) + '}\n'


def includes(path, *headers):
    return {path: ''.join(f'#include "{h}"\n' for h in headers)}


class Lexer(unittest.TestCase):
    def functions(self, text):
        return [(f.name, f.line, f.lines) for f in Source('a.cc', text).functions]

    def test_finds_functions_of_every_shape(self):
        text = '''namespace a {
class B : public ::testing::C<int> {
 public:
  explicit B(int x) : x_{x}, y_(x) {
    Run([&] { return 1; });
  }
  bool operator==(const B& o) const { return x_ == o.x_; }
  absl::StatusOr<int> Get(int n = 3) const override;

 private:
  int x_ = 0;
};

template <typename T>
T Max(
    T a, T b) {
  return a < b ? b : a;
}

TEST_F(BTest, IsEqualToItself) {
  EXPECT_EQ(B(1), B(1));
}
}  // namespace a
'''
        self.assertEqual(self.functions(text), [
            ('B', 4, 3), ('operator==', 7, 1), ('Max', 14, 5),
            ('BTest.IsEqualToItself', 20, 3)])

    def test_takes_no_table_or_enum_for_a_function(self):
        self.assertEqual(self.functions('''
const Row kRows[] = {
    {"a", F(1)},
};
const auto kLess = [](int a, int b) { return a < b; };
constexpr Foo kFoo{F(1)};
enum class Kind { kA = F(1), kB };
struct alignas(64) Cell {
  int a;
};
'''), [])

    def test_is_not_misled_by_braces_in_strings_and_comments(self):
        text = function('F', 2) + '''
int G() {
  // }
  return Use("}", '}', R"x(
}")x", 1'000);
}
'''
        self.assertEqual(self.functions(text), [('F', 1, 2), ('G', 4, 5)])

    def test_keeps_positions_when_it_blanks(self):
        source = Source('a.cc', 'int a; // b "\nchar c = \'"\'; /* d\n */ int e;\n')
        self.assertEqual(len(source.bare), len(source.text))
        self.assertEqual(source.code, 'int a;       \nchar c = \'"\';     \n    int e;\n')


class Sizes(unittest.TestCase):
    def test_a_file_of_501_lines(self):
        self.assertEqual(violations({'a.cc': '\n' * 500}), [])
        self.assertEqual(violations({'a.cc': '\n' * 501}), ['file_lines a.cc'])

    def test_a_function_of_71_lines(self):
        path = 'services/members/server.cc'
        self.assertEqual(violations({path: function('F', 70)}), [])
        self.assertEqual(violations({path: function('F', 71)}),
                         [f'function_lines {path} F'])

    def test_a_handler_of_41_lines(self):
        path = 'services/members/handlers/members.cc'
        self.assertEqual(violations({path: function('Members::Get', 40)}), [])
        self.assertEqual(violations({path: function('Members::Get', 41)}),
                         [f'function_lines {path} Members::Get'])

    def test_a_python_function_of_71_lines(self):
        text = 'def f():\n' + '    a = 1\n' * 70
        self.assertEqual(violations({'tests/a.py': text}), ['function_lines tests/a.py f'])

    def test_a_map_of_201_lines(self):
        self.assertEqual(violations({'ARCHITECTURE.md': '\n' * 201}),
                         ['file_lines ARCHITECTURE.md'])


class Words(unittest.TestCase):
    def expect(self, path, text, rule, name):
        self.assertEqual(violations({path: text}), [f'{rule} {path} {name}'.strip()])

    def test_an_open_end(self):
        self.expect('a.cc', '// TO' 'DO: later\n', 'open_end', 'TO' 'DO')

    def test_a_hollow_type(self):
        for name in ('ThreadManager', 'UrlHelper', 'StringUtils', 'StoreImpl'):
            self.expect('a.cc', f'class {name} {{}};\n', 'hollow_name', name)

    def test_a_hollow_file(self):
        for path in ('services/common/util/x.cc', 'gateway/url_helpers.h'):
            self.expect(path, '', 'hollow_name', '')

    def test_a_throw(self):
        self.expect('a.cc', 'void F() { throw 1; }\n', 'throw', 'throw')

    def test_a_sleep_in_a_test(self):
        for call in ('std::this_thread::sleep_for(d)', 'usleep(3)', 'absl::SleepFor(d)'):
            self.assertEqual(len(violations({'a_test.cc': f'void F() {{ {call}; }}\n'})), 1)
        self.assertEqual(violations({'a.cc': 'void F() { usleep(3); }\n'}), [])

    def test_using_namespace_in_a_header(self):
        self.expect('a.h', 'using namespace std;\n', 'using_namespace',
                    'using namespace')

    def test_a_macro(self):
        self.assertEqual(violations({'a.h': '#ifndef A_H_\n#define A_H_\n#endif\n'}), [])
        self.expect('a.h', '#define CHECK_IT(x) (x)\n', 'macro', 'CHECK_IT')

    def test_a_folder_of_one_machine(self):
        self.expect('README.md', 'cd /ro' 'ot/praxis\n', 'machine_path', '/ro' 'ot/')

    def test_a_domain_noun_in_common(self):
        path = 'services/common/rpc/a.cc'
        for code, word in (('Community c;', 'Community'),
                           ('auto s = "communities/x";', 'communities'),
                           ('ThreadKind k;', 'ThreadKind'), ('int thread_id;', 'thread_id'),
                           ('auto s = "threads/";', 'threads/'),
                           ('Membership m;', 'Membership')):
            self.expect(path, code + '\n', 'domain_noun', word)

    def test_threads_of_execution_are_no_domain_noun(self):
        self.assertEqual(violations({'services/common/rpc/a.cc': '''
// Communities are only a word in a comment.
std::thread thread_;
std::vector<std::thread> threads_;
int resource_name;
'''}), [])

    def test_a_class_without_a_comment(self):
        self.expect('a.h', 'class A {\n};\n', 'class_comment', 'A')
        self.assertEqual(violations({'a.h': '// An A.\nclass A {\n};\nclass B;\n'}), [])

    def test_an_rpc_without_a_policy(self):
        policy = '    option (praxis.options.v1.policy) = {access: ANYONE};\n'
        text = 'service S {\n  rpc Get(A) returns (B) {\n%s  }\n  rpc Put(A) returns (B);\n}\n'
        self.assertEqual(violations({'proto/praxis/a.proto': text % policy}),
                         ['proto_policy proto/praxis/a.proto Put'])
        self.assertEqual(violations({'proto/praxis/a.proto': text % ''}),
                         ['proto_policy proto/praxis/a.proto Get', 'proto_policy proto/praxis/a.proto Put'])

    def test_a_lock_file_with_addresses(self):
        self.expect('tests/tools/package-lock.json', '{"resolved": "x"}', 'lock_file', '')


class Layers(unittest.TestCase):
    def barred(self, path, header):
        self.assertIn(f'layer {path} {header}', violations(includes(path, header)))

    def allowed(self, path, *headers):
        self.assertEqual(violations(includes(path, *headers)), [])

    def test_services_meet_only_in_proto(self):
        self.barred('services/members/server.cc', 'services/resources/server.h')
        self.barred('services/members/server_test.cc', 'services/resources/server.h')
        self.barred('services/members/convert.cc', 'praxis/resources/v1/resources.pb.h')
        self.barred('services/members/server.cc', 'gateway/server.h')
        self.allowed('services/members/server.cc', 'services/members/rpc.h',
                     'services/common/sql/sqlite.h', 'praxis/members/v1/members.pb.h')

    def test_common_sees_nothing_outside(self):
        self.barred('services/common/rpc/pipeline.cc', 'services/members/server.h')
        self.barred('services/common/rpc/pipeline_test.cc', 'gateway/server.h')
        self.barred('services/common/rpc/pipeline.cc', 'praxis/members/v1/members.pb.h')

    def test_domain_is_pure(self):
        path = 'services/members/domain/member.h'
        for header in ('services/common/sql/database.h', 'services/members/store/members.h',
                       'praxis/members/v1/members.pb.h', 'grpcpp/grpcpp.h'):
            self.barred(path, header)
        self.allowed(path, 'services/members/domain/role.h', 'absl/time/time.h',
                     'services/common/status/status.h')

    def test_store_sees_domain_and_sql(self):
        path = 'services/members/store/members.cc'
        self.barred(path, 'services/members/handlers/members.h')
        self.barred(path, 'praxis/members/v1/members.pb.h')
        self.barred(path, 'services/common/sql/sqlite.h')
        self.allowed(path, 'services/common/sql/database.h',
                     'services/members/domain/member.h')

    def test_handlers_know_no_transport(self):
        path = 'services/members/handlers/members.cc'
        for header in ('services/members/server.h', 'services/members/rpc.h',
                       'grpcpp/grpcpp.h', 'services/common/sql/sqlite.h'):
            self.barred(path, header)
        self.allowed(path, 'services/members/store/members.h',
                     'services/members/convert.h', 'services/common/rpc/call.h')

    def test_convert_sees_proto_and_domain(self):
        path = 'services/members/convert.cc'
        self.barred(path, 'services/members/store/members.h')
        self.barred(path, 'services/common/sql/database.h')
        self.allowed(path, 'services/members/convert.h', 'services/common/rpc/etag.h',
                     'services/members/domain/member.h', 'praxis/members/v1/members.pb.h')

    def test_the_gateway_sees_no_service(self):
        self.barred('gateway/server.cc', 'services/members/server.h')
        self.barred('gateway/routes/table.cc', 'praxis/members/v1/members.pb.h')
        self.allowed('gateway/routes/table_test.cc', 'praxis/members/v1/members.pb.h')

    def test_the_suite_sees_servers(self):
        self.barred('suite/main.cc', 'services/members/store/members.h')
        self.allowed('suite/main.cc', 'services/members/server.h', 'gateway/server.h')

    def test_system_tests_are_a_black_box(self):
        self.barred('tests/system/walk_test.cc', 'services/common/status/status.h')

    def test_a_fourth_file_with_beast(self):
        files = {}
        for name in 'abcd':
            files |= includes(f'gateway/http/{name}.cc', 'boost/beast.hpp')
        self.assertEqual(violations(files), ['beast gateway/http/d.cc'])


class Map(unittest.TestCase):
    MAP = '''# Map
```
gateway/           main
  http/ routes/    two rooms
services/
  common/          shared
    sql/
  members/
  resources/
    blobs/         its own room
docs/{a,b}.md
```
Each service:
```
server.{h,cc}      root
store/             SQL
```
Each call: `gateway/http/`.
```
HTTP  gateway/http  parse
      store/ -> sql/
```
'''
    FILES = ['gateway/http/a.cc', 'gateway/routes/a.cc', 'services/common/sql/a.cc',
             'services/common/sql/testing/a.cc', 'services/resources/blobs/a.cc',
             'docs/a.md', 'docs/b.md'] + [
                 f'services/{service}/{file}' for service in ('members', 'resources')
                 for file in ('server.h', 'server.cc', 'store/a.cc')]

    def check(self, text, files):
        tree = [Source(p, '') for p in files] + [Source('ARCHITECTURE.md', text)]
        return [v.what for v in house.house(tree)]

    def test_agrees_with_its_tree(self):
        self.assertEqual(self.check(self.MAP, self.FILES), [])

    def test_names_a_room_that_is_gone(self):
        files = [f for f in self.FILES if 'routes' not in f and 'b.md' not in f
                 and 'members/store' not in f]
        self.assertEqual(self.check(self.MAP, files), [
            'names gateway/routes, which does not exist',
            'names docs/b.md, which does not exist',
            'names services/members/store, which does not exist'])
        self.assertEqual(self.check(self.MAP + '`gateway/attic/`\n', self.FILES),
                         ['names gateway/attic, which does not exist'])

    def test_leaves_a_room_out(self):
        self.assertEqual(self.check(self.MAP, self.FILES + ['services/members/cellar/a.cc']),
                         ['does not name services/members/cellar/'])


class Exceptions(unittest.TestCase):
    LONG = {'a.cc': '\n' * 600}

    def test_one_with_a_reason_covers(self):
        self.assertEqual(violations(self.LONG, 'file_lines a.cc 600  # a table\n'), [])
        named = 'function_lines b.cc:F 80  # a switch\n'
        self.assertEqual(violations({'b.cc': function('F', 80)}, named), [])

    def test_one_that_was_outgrown_does_not(self):
        self.assertIn('file_lines a.cc',
                      violations(self.LONG, 'file_lines a.cc 599  # a table\n'))

    def test_one_that_nothing_needs_fails(self):
        self.assertEqual(violations({'a.cc': ''}, 'file_lines a.cc 600  # a table\n'),
                         ['exceptions tests/tidy/exceptions.txt'])

    def test_one_that_is_far_too_wide_fails(self):
        self.assertEqual(violations(self.LONG, 'file_lines a.cc 900  # a table\n'),
                         ['exceptions tests/tidy/exceptions.txt'])

    def test_one_without_a_reason_fails(self):
        self.assertIn('exceptions tests/tidy/exceptions.txt',
                      violations(self.LONG, 'file_lines a.cc 600\n'))


if __name__ == '__main__':
    unittest.main()
