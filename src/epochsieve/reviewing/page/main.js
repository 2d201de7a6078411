// The page in a browser: everything the desk knows comes from the server that sent it.
import { HttpServer } from "./server.js";
import { Review } from "./review.js";

const token = new URLSearchParams(location.search).get("token") ?? "";
const root = document.getElementById("review");
const review = new Review(root, new HttpServer(token), {
  remember: (state) => history.replaceState(null, "", `#${state}`),
  recall: () => location.hash.slice(1),
  keysFrom: document,
});
review.start();
