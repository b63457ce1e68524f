"""For each language, what makes of its scaffold's service one that keeps its items in its process, as no service may."""
import shutil

# The service takes the store of its own unit tests: [(file, what is there, what comes there)]. A language may do without: the
# test that needs it is skipped then.
EDITS = {
    "cpp": [
        ("src/main.cc", '#include "redis_store.h"\n', '#include "redis_store.h"\n#include "../tests/memory_store.h"\n'),
        ("src/main.cc", "return serve(*config, *store);", "app::MemoryStore items;\n    return serve(*config, items);"),
        # That store is for one thread.
        ("src/main.cc", "return api.handle(request);", "static std::mutex mutex;\n    const std::lock_guard lock(mutex);\n    return api.handle(request);"),
        ("src/main.cc", "#include <optional>\n", "#include <mutex>\n#include <optional>\n"),
    ],
    "go": [("internal/api/api.go", "a := &api{\n", "deps.Store = &memoryStore{}\n\ta := &api{\n")],
    "java": [
        ("src/main/java/com/example/service/Application.java", "new RedisItemStore(settings.redis())", "new com.example.service.api.MemoryStore()"),
        ("src/main/java/com/example/service/api/MemoryStore.java", "final class MemoryStore", "public final class MemoryStore"),
    ],
    "node": [
        ("src/service.ts", 'import { RedisStore } from "./redis-store.js"', 'import { MemoryStore } from "./testing/memory-store.js"'),
        ("src/service.ts", "new RedisStore(config.redisUrl, log)", "new MemoryStore()"),
        ("src/service.ts", "store.close();", ""),
    ],
    "python": [
        ("app/service.py", "from app.redis_store import RedisStore", "from tests.memory_store import MemoryStore"),
        ("app/service.py", "RedisStore(config.redis_url)", "MemoryStore()"),
        ("app/service.py", "runner.run(store.close())", "pass"),
    ],
    "rust": [
        ("src/api/mod.rs", "mod health;\n", 'mod health;\n#[path = "tests/memory_store.rs"]\nmod memory_store;\n'),
        (
            "src/api/mod.rs",
            "let shared = Arc::new(dependencies);",
            "let store = Arc::new(memory_store::MemoryStore::default());\n    let shared = Arc::new(Dependencies { store, ..dependencies });",
        ),
    ],
}

# Where a build does not see the tests' files, the store is copied first: {language: (from, to)}.
COPIES = {
    "go": ("internal/api/memory_store_test.go", "internal/api/memory_store.go"),
    "java": ("src/test/java/com/example/service/api/MemoryStore.java", "src/main/java/com/example/service/api/MemoryStore.java"),
}


def keep_items_in_memory(service, language):
    """Edits the service in this folder."""
    if language in COPIES:
        source, target = COPIES[language]
        shutil.copyfile(service / source, service / target)
    for file, old, new in EDITS[language]:
        text = (service / file).read_text()
        assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}"
        (service / file).write_text(text.replace(old, new))
