// Configurations that are wrong, each in one way, with the code and the place that a person must be shown.
// The text of a case is services/a/service.yaml, or msctl.yaml where it begins with "workspace:"; a service b
// stands beside.
#include "runtime/workspace/load.h"
#include "tests/catch.h"
#include "tests/unit/runtime/workspace/tree.h"

using namespace msctl;
using base::Code;

namespace {

struct Case {
  const char* text;
  Code code;
  int line, column;
};

const Case kCases[] = {
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: vault}}\n", Code::wrongValue, 3, 29},
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: {}}}\n", Code::badSecretSource, 3,
     29},
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: {sops: a, variables: \"{NAME}\"}}}\n",
     Code::badSecretSource, 3, 50},
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: {variables: KEY}}}\n",
     Code::badSecretSource, 3, 41},
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: {variables: false}}}\n",
     Code::badSecretSource, 3, 41},
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: {variables: [KEY]}}}\n",
     Code::wrongType, 3, 41},
    {"workspace: w\nservices: [services/*]\nenvironments: {p: {secrets: {variables: \"a-{NAME}\"}}}\n",
     Code::badSecretSource, 3, 41},
    {"service: a\nlanguage: go\nnedes: [b]\n", Code::unknownKey, 3, 1},
    {"service: a\nlanguage: go\nlanguage: go\n", Code::duplicateKey, 3, 1},
    {"service: a\nlanguage: golang\n", Code::wrongValue, 2, 11},
    {"service: A_b\nlanguage: go\n", Code::badName, 1, 10},
    {"service: a\n", Code::missingKey, 1, 1},
    {"language: go\n", Code::missingKey, 1, 1},
    {"service: a\nlanguage: none\n", Code::missingRun, 2, 11},
    {"service: a\nlanguage: go\nneeds: b\n", Code::wrongType, 3, 8},
    {"service: a\nlanguage: go\nneeds: [bb]\n", Code::unknownNeed, 3, 9},
    {"service: a\nlanguage: go\nneeds: [b, a]\n", Code::needCycle, 3, 12},
    {"service: a\nlanguage: go\nreplicas: many\n", Code::wrongType, 3, 11},
    {"service: a\nlanguage: go\nreplicas: -1\n", Code::wrongValue, 3, 11},
    {"service: a\nlanguage: go\nreplicas: \"2\"\n", Code::wrongType, 3, 11},
    {"service: a\nlanguage: go\nreplicas: 2\nscale: {max: 3}\n", Code::wrongValue, 3, 11},
    {"service: a\nlanguage: go\nscale: {min: 4, max: 3}\n", Code::wrongValue, 3, 22},
    {"service: a\nlanguage: go\nscale: {min: 0, max: 3}\n", Code::needsRoute, 3, 14},
    {"service: a\nlanguage: go\nscale: {max: 3, target: {concurrency: 9}}\n", Code::needsRoute, 3, 39},
    {"service: a\nlanguage: go\nscale: {max: 3, target: {cpu: 70}}\n", Code::wrongUnit, 3, 31},
    {"service: a\nlanguage: go\nscale: {max: 3, target: {cpu: 170%}}\n", Code::wrongUnit, 3, 31},
    {"service: a\nlanguage: go\nresources: {cpu: 250Mi}\n", Code::wrongUnit, 3, 18},
    {"service: a\nlanguage: go\nresources: {memory: 128MB}\n", Code::wrongUnit, 3, 21},
    {"service: a\nlanguage: go\nenv: {PORT: 1}\n", Code::wrongValue, 3, 7},
    {"service: a\nlanguage: go\nenv: {A-B: 1}\n", Code::wrongValue, 3, 7},
    {"service: a\nlanguage: go\nenv: {A: ${NOPE}}\n", Code::yamlSyntax, 3, 11},
    {"service: a\nlanguage: go\nenv: {A: \"${NOPE}\"}\n", Code::undefinedVariable, 3, 10},
    {"service: a\nlanguage: go\nenv: [A]\n", Code::wrongType, 3, 6},
    {"service: a\nlanguage: go\nsecrets: [9LIVES]\n", Code::wrongValue, 3, 11},
    {"service: a\nlanguage: go\nuses: [libs/none]\n", Code::unreadableFile, 3, 8},
    {"service: a\nlanguage: go\nuses: [.., ./]\n", Code::wrongValue, 3, 8},
    {"service: a\nlanguage: go\nuses: [a/../../b]\n", Code::wrongValue, 3, 8},
    {"service: a\nlanguage: go\nuses: [/usr]\n", Code::wrongValue, 3, 8},
    {"service: a\nlanguage: go\nhealth: {ready: health}\n", Code::badPattern, 3, 17},
    {"service: a\nlanguage: go\nrun: ./a\n", Code::wrongType, 3, 6},
    {"service: a\nlanguage: go\nrun: []\n", Code::wrongValue, 3, 6},
    {"service: a\nlanguage: go\njobs: [{name: m, run: [x]}]\n", Code::missingKey, 3, 8},
    {"service: a\nlanguage: go\njobs: [{name: m, run: [x], when: never}]\n", Code::wrongValue, 3, 34},
    {"service: a\nlanguage: go\njobs: [{name: M, run: [x], when: after}]\n", Code::badName, 3, 15},
    {"service: a\nlanguage: go\njobs: [{name: m, run: [], when: after}]\n", Code::wrongValue, 3, 23},
    {"service: a\nlanguage: go\njobs: [{name: m, run: [x], when: after, timeout: 5}]\n", Code::wrongUnit, 3,
     50},
    {"service: a\nlanguage: go\njobs: [{name: m, run: [x], when: after, timeout: 5ms}]\n", Code::wrongValue,
     3, 50},
    {"service: a\nlanguage: go\njobs: [{name: m, run: [x], when: after, retires: 1}]\n", Code::unknownKey, 3,
     41},
    {"service: a\nlanguage: go\njobs:\n  - {name: m, run: [x], when: after}\n"
     "  - {name: m, run: [y], when: before}\n",
     Code::badJob, 5, 12},
    {"service: a\nlanguage: go\njobs: [{name: a123456789b123456789c123456789d123456789e1234567890, run: "
     "[x], when: after}]\n",
     Code::badJob, 3, 15},
    {"service: a\nimage: redis:7\njobs: [{name: m, run: [x], when: after}]\n", Code::badJob, 3, 7},
    {"service: a\nlanguage: go\ncommand: [x]\n", Code::wrongValue, 3, 10},
    {"service: a\nlanguage: go\nimage: redis:7\n", Code::wrongValue, 3, 8},
    {"service: a\nlanguage: go\nurl: {local: http://x}\n", Code::wrongValue, 3, 6},
    {"service: a\ncommand: [x]\nimage: {base: scratch}\n", Code::wrongValue, 3, 8},
    {"service: a\nlanguage: go\nimage: {programs: [a]}\n", Code::missingKey, 3, 8},
    {"service: a\nlanguage: go\nimage: {base: scratch, application: [{from: /etc/passwd}]}\n",
     Code::wrongValue, 3, 45},
    {"service: a\nlanguage: go\nimage: {base: scratch, application: [{from: a/../../b}]}\n", Code::wrongValue,
     3, 45},
    {"service: a\nlanguage: go\nimage: {base: scratch, application: [{from: a, to: /../b}]}\n",
     Code::wrongValue, 3, 52},
    {"service: a\nlanguage: go\nimage: {base: scratch, programs: [a, ../b]}\n", Code::wrongValue, 3, 38},
    {"service: a\nlanguage: go\nimage: {base: scratch, packages: .}\n", Code::wrongValue, 3, 34},
    {"service: b\nlanguage: go\n", Code::duplicateService, 1, 10},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a/{id}}\n", Code::yamlSyntax, 4, 22},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    timeout: 5\n", Code::wrongUnit, 5, 14},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    timeout: 0s\n", Code::wrongValue, 5, 14},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a, methods: [get]}\n", Code::wrongValue, 4, 33},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a, host: \"a b\"}\n", Code::badPattern, 4, 29},
    {"service: a\nlanguage: go\nroutes:\n  - match: {methods: [GET]}\n", Code::missingKey, 4, 12},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    authentication: [users]\n",
     Code::unknownProvider, 5, 21},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    rateLimit: {quota: 1, window: 1m, by: "
     "consumer}\n",
     Code::needsAuthentication, 5, 43},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    rateLimit: {quota: 1, window: 1m, by: "
     "adress}\n",
     Code::wrongValue, 5, 43},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    rateLimit: {quota: 0, window: 1m}\n",
     Code::wrongValue, 5, 24},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    rateLimit: {quota: 5}\n",
     Code::missingKey, 5, 16},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    request: {stripPrefix: a}\n",
     Code::badPattern, 5, 28},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    request: {headers: {set: {X Y: b}}}\n",
     Code::wrongValue, 5, 31},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    request: {headers: {remove: [Host]}}\n",
     Code::wrongValue, 5, 34},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    request: {headers: {set: {X: "
     "\"{path.id}\"}}}\n",
     Code::wrongValue, 5, 34},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    upstream: b\n", Code::unknownKey, 5, 5},
    {"workspace: s\nservices: [servces/*]\n", Code::noServices, 2, 12},
    {"workspace: s\nservices: [services/a/none]\n", Code::noServices, 2, 12},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    authentication: []\n", Code::wrongValue,
     5, 21},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    authentication: {all: []}\n",
     Code::wrongValue, 5, 27},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    authentication: [none]\n",
     Code::wrongValue, 5, 22},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    name: \"a b\"\n", Code::wrongValue, 5,
     11},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    request: {headers: {rename: {A: "
     "X-Consumer-Groups}}}\n",
     Code::wrongValue, 5, 37},
    {"service: a\nlanguage: go\nroutes:\n  - match: {path: /a}\n    request: {replacePrefix: \"/a\\r\\nX: "
     "1\"}\n",
     Code::badPattern, 5, 30},
    {"workspace: s\nservices: [\"services/**\"]\n", Code::noServices, 2, 12},
    {"workspace: s\nservices: [\"zzz/*\"]\n", Code::noServices, 2, 12},
    {"workspace: s\nservices: []\ngateway: {defaults: {authentication: [zz]}}\n", Code::unknownProvider, 3,
     38},
    {"workspace: s\nservices: []\ngateway: {defaults: {authentication: []}}\n", Code::wrongValue, 3, 38},
    {"workspace: s\nservices: []\ngateway: {limits: {headerTimeout: 0s}}\n", Code::wrongValue, 3, 35},
    {"workspace: s\nservices: []\ngateway: {limits: {headerBytes: 1B}}\n", Code::wrongValue, 3, 33},
    {"workspace: s\nservices: []\ngateway: {listeners: [{address: \"a:1\"}, {address: \"a:1\"}]}\n",
     Code::wrongValue, 3, 51},
    {"workspace: s\nservices: []\ngateway: {routes: [{match: {path: /a}, respond: {status: 200, headers: {A: "
     "\"{nope}\"}}}]}\n",
     Code::wrongValue, 3, 76},
    {"workspace: s\n", Code::missingKey, 1, 1},
    {"workspace: s\nschema: 2\nservices: []\n", Code::wrongValue, 2, 9},
    {"workspace: s\nservices: []\ngateway: {listeners: [{address: 8080}]}\n", Code::wrongValue, 3, 33},
    {"workspace: s\nservices: []\ngateway: {limits: {bodyBytes: 8M}}\n", Code::wrongUnit, 3, 31},
    {"workspace: s\nservices: []\ngateway: {trustedProxies: [10.0.0.0/33]}\n", Code::wrongValue, 3, 28},
    {"workspace: s\nservices: []\ngateway: {authentication: {p: {apiKey: {keys: none.yaml}}}}\n",
     Code::unreadableFile, 3, 47},
    {"workspace: s\nservices: []\ngateway: {routes: [{match: {path: /a}}]}\n", Code::missingKey, 3, 20},
    {"workspace: s\nservices: []\ngateway: {routes: [{match: {path: /a}, upstream: x}]}\n",
     Code::unknownUpstream, 3, 50},
    {"workspace: s\nservices: []\ngateway: {routes: [{match: {path: /a}, respond: {status: 99}}]}\n",
     Code::wrongValue, 3, 58},
    {"workspace: s\nservices: []\npipelines: {systems: [githb]}\n", Code::wrongValue, 3, 23},
    {"workspace: s\nservices: []\n\tgateway: {}\n", Code::yamlSyntax, 3, 1},
};

}  // namespace

TEST_CASE("the errors of all files come in one go, and none that follows from another") {
  tests::Tree tree;
  tree.file("msctl.yaml",
            "workspace: s\nservices: [services/*]\ngateway: {routes: [{match: {path: /x}, upstream: zz}]}\n")
      .file("services/a/service.yaml", "service: a\nlanguage: go\nneeds: [bb, broken, worse]\nfoo: 1\n")
      .file("services/b/service.yaml",
            "service: b\nlanguage: go\nneeds: [c]\nroutes: [{match: {path: /b}, authentication: [p]}]\n")
      .file("services/c/service.yaml", "service: c\nlanguage: go\nneeds: [b]\n")
      .file("services/other/service.yaml", "service: broken\nlanguage: nothing\n")
      .file("services/worse/service.yaml", "service: [\n");
  auto loaded = workspace::load(tree.root(), {{}, {"cpp", "go", "python"}, {}});
  REQUIRE_FALSE(loaded);
  std::vector<std::string> told;
  for (const base::Error& error : loaded.error())
    told.push_back(error.at.file + " " + std::string(base::to_string(error.code)));
  auto code = [](Code each) { return std::string(base::to_string(each)); };
  CHECK(told == std::vector<std::string>{"msctl.yaml " + code(Code::unknownUpstream),
                                         "services/a/service.yaml " + code(Code::unknownNeed),
                                         "services/a/service.yaml " + code(Code::unknownKey),
                                         "services/b/service.yaml " + code(Code::unknownProvider),
                                         "services/c/service.yaml " + code(Code::needCycle),
                                         "services/other/service.yaml " + code(Code::wrongValue),
                                         "services/worse/service.yaml " + code(Code::yamlSyntax)});
}

TEST_CASE("each wrong configuration is told with its code and place") {
  for (const Case& each : kCases) {
    tests::Tree tree;
    std::string text = each.text;
    bool whole = text.starts_with("workspace:");
    tree.file("msctl.yaml", whole ? text : "workspace: shop\nservices: [services/*]\n")
        .file("services/a/service.yaml", whole ? "service: a\nlanguage: go\n" : text)
        .file("services/b/service.yaml", "service: b\nlanguage: go\n");
    auto loaded = workspace::load(tree.root(), {{}, {"cpp", "go", "python"}, {}});
    INFO(each.text);
    REQUIRE_FALSE(loaded);
    std::string told;
    for (const base::Error& error : loaded.error()) told += base::to_text(error);
    INFO(told);
    CHECK(loaded.error().size() == 1);
    const base::Error& error = loaded.error().front();
    INFO(base::to_text(error));
    CHECK(base::to_string(error.code) == base::to_string(each.code));
    CHECK(error.at.line == each.line);
    CHECK(error.at.column == each.column);
    CHECK_FALSE(error.at.file.empty());
    CHECK_FALSE(error.expected.empty());
  }
}
