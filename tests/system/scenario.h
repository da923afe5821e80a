// Scenario: a community's first days, told once for every shape and transport.
#ifndef TESTS_SYSTEM_SCENARIO_H_
#define TESTS_SYSTEM_SCENARIO_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/system/documents.h"
#include "tests/system/world.h"

namespace praxis::system {

// One community and what was made in it. Every text in it holds `word`, which
// is nowhere else, so that a search for it finds all of it and nothing more.
struct Place {
  std::string community;
  std::string word;
  discussions::v1::Thread thread;
  discussions::v1::Post post;
  resources::v1::Resource resource;
};

// The people and the places. Ada founds a private workshop, Bob a public forum;
// all three join both. Cleo has a hidden club of her own. Dora belongs nowhere.
class Scenario {
 public:
  // Everybody registers, founds and joins.
  Scenario(const Suite& suite, Transport transport);

  // Asks, answers, resolves and uploads in all three places.
  void Work();

  Person& ada() { return ada_; }
  Person& bob() { return bob_; }
  Person& cleo() { return cleo_; }
  Person& dora() { return dora_; }
  const Place& workshop() const { return workshop_; }
  const Place& forum() const { return forum_; }
  const Place& club() const { return club_; }
  const FileToSend& document() const { return document_; }

  // Every read of one place that only its readers may make.
  static std::vector<std::unique_ptr<google::protobuf::Message>> ReadsOf(
      const Place& place);
  // Every list and search over all that the caller may read.
  static std::vector<std::unique_ptr<google::protobuf::Message>> WideReadsOf(
      const Place& place);

  // What everybody sees of everything, by who and what; events included.
  std::map<std::string, std::string> Snapshot(const Suite& suite,
                                              Transport transport);

 private:
  void WorkIn(Place& place, Person& asker, Person& other);

  FileToSend document_;
  Person ada_, bob_, cleo_, dora_;
  Place workshop_, forum_, club_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_SCENARIO_H_
