// Sends what a WebSocket sends to all others of the same path.
const { WebSocketServer } = require("ws");

const groups = new Map();
new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) }).on("connection", (socket, request) => {
  const members = groups.get(request.url) ?? new Set();
  groups.set(request.url, members.add(socket));
  socket.on("error", () => {});
  socket.on("close", () => members.delete(socket));
  socket.on("message", (data, binary) => {
    for (const member of members) {
      if (member !== socket) {
        member.send(data, { binary });
      }
    }
  });
});
