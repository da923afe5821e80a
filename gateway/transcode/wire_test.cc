#include "gateway/transcode/wire.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

std::string Varint(uint64_t value) {
  char bytes[kMaxVarintSize];
  return std::string(bytes, PutVarint(value, bytes));
}

TEST(WireTest, ReadsTheVarintsItWrites) {
  std::vector<uint64_t> values = {0, 1, 127, 128, 300, ~uint64_t{0}};
  for (int bit = 0; bit < 64; ++bit) values.push_back(uint64_t{1} << bit);
  for (const uint64_t value : values) {
    const std::string bytes = Varint(value);
    EXPECT_EQ(VarintSize(value), static_cast<int>(bytes.size()));
    WireCursor in(bytes);
    uint64_t read = ~value;
    ASSERT_TRUE(in.ReadVarint(&read)) << value;
    EXPECT_EQ(read, value);
    EXPECT_TRUE(in.done());
  }
}

TEST(WireTest, RefusesVarintsThatAreCutShortOrTooLong) {
  uint64_t value;
  for (size_t size = 0; size < 10; ++size) {
    const std::string cut(size, '\x80');
    EXPECT_FALSE(WireCursor(cut).ReadVarint(&value)) << size;
  }
  const std::string eleven = std::string(10, '\x80') + '\x01';
  EXPECT_FALSE(WireCursor(eleven).ReadVarint(&value));
}

TEST(WireTest, ReadsARecordOfEachType) {
  const std::string bytes(
      "\x08\x05"                              // 1: varint 5
      "\x11\x01\x00\x00\x00\x00\x00\x00\x80"  // 2: fixed64
      "\x1a\x02hi"                            // 3: bytes
      "\x25\x02\x00\x00\x00",                 // 4: fixed32
      20);
  WireCursor in(bytes);
  WireRecord record;
  ASSERT_TRUE(in.ReadRecord(&record));
  EXPECT_EQ(record.number, 1u);
  EXPECT_EQ(record.value, 5u);
  ASSERT_TRUE(in.ReadRecord(&record));
  EXPECT_EQ(record.type, WireType::kFixed64);
  EXPECT_EQ(record.value, 0x8000000000000001u);
  EXPECT_TRUE(in.NextIs(3));
  EXPECT_FALSE(in.NextIs(4));
  ASSERT_TRUE(in.ReadRecord(&record));
  EXPECT_EQ(record.bytes, "hi");
  ASSERT_TRUE(in.ReadRecord(&record));
  EXPECT_EQ(record.number, 4u);
  EXPECT_EQ(record.value, 2u);
  EXPECT_TRUE(in.done());
}

TEST(WireTest, SkipsGroupsWhole) {
  // 1: group {2: varint, 3: group {}, 4: bytes, 5: fixed32}, then 6: varint.
  const std::string bytes(
      "\x0b\x10\x01\x1b\x1c\x22\x01x\x2d\0\0\0\0\x0c\x30\x07", 16);
  WireCursor in(bytes);
  WireRecord record;
  ASSERT_TRUE(in.ReadRecord(&record));
  EXPECT_EQ(record.type, WireType::kStartGroup);
  ASSERT_TRUE(in.ReadRecord(&record));
  EXPECT_EQ(record.number, 6u);
  EXPECT_EQ(record.value, 7u);
}

TEST(WireTest, RefusesMalformedRecords) {
  const std::vector<std::string> malformed = {
      "\x08",                                          // no value
      "\x09\x01\x02\x03",                              // fixed64 cut short
      "\x0d\x01\x02",                                  // fixed32 cut short
      "\x0a\x05hi",                                    // bytes cut short
      "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  // longer than memory
      std::string("\0\x01", 2),                        // field number 0
      "\x0c",                                          // end of no group
      "\x0b\x14",                                      // end of another group
      "\x0b\x08\x01",                                  // group without end
      "\x0e\x01",                                      // wire type 6
      "\xff\xff\xff\xff\xff\x01",                      // tag over 32 bits
      std::string(65, '\x0b') + std::string(65, '\x0c'),  // too deep
  };
  for (const std::string& bytes : malformed) {
    WireCursor in(bytes);
    WireRecord record;
    EXPECT_FALSE(in.ReadRecord(&record)) << ::testing::PrintToString(bytes);
  }
}

TEST(WireTest, PutsTheLengthBeforeBytesOfAnySize) {
  for (const size_t size : {0, 1, 127, 128, 16383, 16384, 100000}) {
    AppendBuffer out(0);
    out.Append("before");
    const size_t start = BeginBytes(&out);
    const std::string body(size, 'x');
    out.Append(body);
    EndBytes(start, &out);
    out.Append("after");
    EXPECT_EQ(out.view(), "before" + Varint(size) + body + "after") << size;
  }
}

TEST(AppendBufferTest, GrowsFromTheStackToTheHeapAndOn) {
  AppendBuffer out(0);
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    out.Append(static_cast<char>('a' + i % 26));
    expected += static_cast<char>('a' + i % 26);
  }
  out.Append(expected);
  EXPECT_EQ(out.view(), expected + expected);
  out.Truncate(3);
  EXPECT_EQ(out.view(), "abc");
}

}  // namespace
}  // namespace praxis::gateway
