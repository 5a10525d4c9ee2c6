// Vectorscan (or Hyperscan) as an engine of the scan contest: block mode, every match reported by callback, and only
// the CPU time of hs_scan counted. The bench compiles it (g++ -O3 vectorscan.cpp -lhs) and speaks to it in lines
// of words with a tab between them:
//
//   load EXPRESSIONS DATABASE   lines "index<TAB>expression"; the compiled database is kept in the second file
//   scan FILE MS                passes over the file until they have taken so many milliseconds
//   floor FILE MS               the same with nothing but reading: exclusive or of all 64-bit words
//
//   loaded SECONDS BYTES        compiling (or reading the kept database), and the size of the database
//   scanned PASSES SECONDS MATCHES COUNT INDEX…
//   failed REASON
#include <hs/hs.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<char>;

double cpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

Bytes readAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("cannot read a file of the corpus");
  }
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

struct Expressions {
  std::vector<std::string> texts;
  std::vector<unsigned> ids;
};

Expressions readExpressions(const std::string& path) {
  std::ifstream file(path);
  Expressions all;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    all.ids.push_back(unsigned(std::stoul(line.substr(0, tab))));
    all.texts.push_back(line.substr(tab + 1));
  }
  return all;
}

hs_database_t* compile(const Expressions& all) {
  std::vector<const char*> texts;
  for (const auto& text : all.texts) {
    texts.push_back(text.c_str());
  }
  const std::vector<unsigned> flags(texts.size(), HS_FLAG_DOTALL);
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(texts.data(), flags.data(), all.ids.data(), unsigned(texts.size()), HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    throw std::runtime_error(error->message);
  }
  return database;
}

hs_database_t* loadOrCompile(const std::string& expressions, const std::string& kept) {
  hs_database_t* database = nullptr;
  if (std::ifstream(kept).good()) {
    const Bytes bytes = readAll(kept);
    if (hs_deserialize_database(bytes.data(), bytes.size(), &database) == HS_SUCCESS) {
      return database;
    }
  }
  database = compile(readExpressions(expressions));
  char* bytes = nullptr;
  size_t length = 0;
  if (hs_serialize_database(database, &bytes, &length) == HS_SUCCESS) {
    std::ofstream(kept, std::ios::binary).write(bytes, std::streamsize(length));
    std::free(bytes);
  }
  return database;
}

struct Matches {
  uint64_t count = 0;
  std::vector<bool> seen;
};

int onMatch(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
  auto& matches = *static_cast<Matches*>(context);
  matches.count++;
  if (id >= matches.seen.size()) {
    matches.seen.resize(id + 1);
  }
  matches.seen[id] = true;
  return 0;
}

class Engine {
 public:
  void load(const std::string& expressions, const std::string& kept) {
    const double start = cpuSeconds();
    database_ = loadOrCompile(expressions, kept);
    const double seconds = cpuSeconds() - start;
    if (hs_alloc_scratch(database_, &scratch_) != HS_SUCCESS) {
      throw std::runtime_error("no scratch");
    }
    size_t size = 0;
    hs_database_size(database_, &size);
    std::cout << "loaded " << seconds << ' ' << size << std::endl;
  }

  void scan(const std::string& path, double ms) {
    const Bytes& bytes = content(path);
    Matches matches;
    report(ms, matches, [&] {
      matches.count = 0;
      if (hs_scan(database_, bytes.data(), unsigned(bytes.size()), 0, scratch_, onMatch, &matches) != HS_SUCCESS) {
        throw std::runtime_error("hs_scan");
      }
    });
  }

  void floor(const std::string& path, double ms) {
    const Bytes& bytes = content(path);
    report(ms, Matches(), [&] {
      const auto* words = reinterpret_cast<const uint64_t*>(bytes.data());
      uint64_t sum = 0;
      for (size_t i = 0; i < bytes.size() / sizeof(uint64_t); i++) {
        sum ^= words[i];
      }
      sink_ = sum;
    });
  }

 private:
  template <typename Pass>
  void report(double ms, const Matches& matches, Pass pass) {
    int passes = 0;
    double seconds = 0;
    do {
      const double start = cpuSeconds();
      pass();
      seconds += cpuSeconds() - start;
      passes++;
    } while (seconds * 1000 < ms);
    std::cout << "scanned " << passes << ' ' << seconds << ' ' << matches.count << ' '
              << std::count(matches.seen.begin(), matches.seen.end(), true);
    for (size_t id = 0; id < matches.seen.size(); id++) {
      if (matches.seen[id]) {
        std::cout << ' ' << id;
      }
    }
    std::cout << std::endl;
  }

  const Bytes& content(const std::string& path) {
    auto found = contents_.find(path);
    return found != contents_.end() ? found->second : contents_.emplace(path, readAll(path)).first->second;
  }

  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
  std::map<std::string, Bytes> contents_;
  volatile uint64_t sink_ = 0;
};

std::vector<std::string> wordsOf(const std::string& line) {
  // Paths of the bench have no tabs; they may have spaces.
  std::vector<std::string> words;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

int main() {
  std::cout << "ready " << hs_version() << std::endl;
  Engine engine;
  for (std::string line; std::getline(std::cin, line);) {
    const auto words = wordsOf(line);
    try {
      if (words.size() == 3 && words[0] == "load") {
        engine.load(words[1], words[2]);
      } else if (words.size() == 3 && words[0] == "scan") {
        engine.scan(words[1], std::stod(words[2]));
      } else if (words.size() == 3 && words[0] == "floor") {
        engine.floor(words[1], std::stod(words[2]));
      } else {
        throw std::runtime_error("unknown command");
      }
    } catch (const std::exception& error) {
      std::cout << "failed " << error.what() << std::endl;
    }
  }
}
