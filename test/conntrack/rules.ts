/** How the test's server is called, and where it listens: translated, in a zone of its own too, not translated, by IPv6. */
export const called = [
  { ip: '127.0.0.1', port: 8080, served: 9090 },
  { ip: '127.0.0.1', port: 8081, served: 9091 },
  { ip: '127.0.0.1', port: 9090, served: 9090 },
  { ip: '::1', port: 8080, served: 9090 },
] as const

/** For nftables: to the server, by IPv4 from an address that is not the caller's. */
export const rules = `
table inet translations {
  chain zones {
    type filter hook output priority raw;
    tcp dport 8081 ct zone set 5
    tcp sport 9091 ct zone set 5
  }
  chain called {
    type nat hook output priority -100;
    ip daddr 127.0.0.1 tcp dport 8080 dnat ip to 127.0.0.1:9090
    ip daddr 127.0.0.1 tcp dport 8081 dnat ip to 127.0.0.1:9091
    ip6 daddr ::1 tcp dport 8080 dnat ip6 to [::1]:9090
  }
  chain callers {
    type nat hook postrouting priority 100;
    ct status dnat ip daddr 127.0.0.1 snat ip to 127.0.0.5
  }
}`
