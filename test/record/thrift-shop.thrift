// What the services of thrift-shop.py offer.
exception NotFound {
  1: string what
}

struct Item {
  1: string sku
  2: i32 count
  3: double price
  4: bool isNew
  5: optional binary picture
}

service Shop {
  void ping()
  i32 add(1: i32 a, 2: i64 b)
  Item find(1: string sku) throws (1: NotFound missing)
  void fail()
  oneway void log(1: string text)
  map<string, list<Item>> carts(1: set<i16> ids, 2: list<bool> flags)
  string echo(1: string text)
}

service Stock {
  i32 count(1: string sku)
}
