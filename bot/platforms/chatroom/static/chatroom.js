"use strict";
// The chatroom's page: shows what the room tells, sends what the person does. All text goes in as textContent.

const $ = (selector, within = document) => within.querySelector(selector);
const clone = (id) => $(`#${id}-template`).content.firstElementChild.cloneNode(true);
const word = (name) => $(`[data-word="${name}"]`, $("#words-template").content)?.textContent;
const botName = document.body.dataset.botName;
const mention = `@${botName}`;
const limit = Number(document.body.dataset.textLimit);
const zone = { timeZone: "Asia/Shanghai" };
const hourOf = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });
const dayOf = new Intl.DateTimeFormat("zh-CN", { ...zone, year: "numeric", month: "long", day: "numeric", weekday: "short" });
const shortDayOf = new Intl.DateTimeFormat("zh-CN", { ...zone, month: "long", day: "numeric", weekday: "short" });

const dayAndHour = (at) => [shortDayOf.format(at), hourOf.format(at)];

const chats = new Map(); // by chat id, as buildChats makes them
let me = null; // the account that is played
let socket = null;
let patience = 500; // milliseconds before the next attempt to connect
let clockAhead = 0; // how far the room's clock is from this machine's, in milliseconds

// ---- what the room tells ----

function connect() {
  const account = me;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const live = new WebSocket(`${scheme}://${location.host}/chatroom/ws?account=${encodeURIComponent(account)}`);
  socket = live;
  live.onmessage = ({ data }) => { if (socket === live) hear(JSON.parse(data)); };
  live.onclose = ({ code }) => {
    if (socket !== live) return;
    if (code === 1008) location.assign("/"); // the room does not know this person (any more)
    $("#link").hidden = false;
    setTimeout(() => { if (socket === live) connect(); }, patience);
    patience = Math.min(patience * 2, 5000);
  };
}

function hear(news) {
  clockAhead = new Date(news.now) - Date.now();
  showClock();
  if (news.kind === "history") showHistory(news.chats);
  if (news.kind === "said") say(chats.get(news.message.chat), news.message, true);
  if (news.kind === "edited") edit(chats.get(news.message.chat), news.message);
}

function showHistory(list) {
  patience = 500;
  $("#link").hidden = true;
  if (list.length !== chats.size || !list.every(({ id }) => chats.has(id))) buildChats(list);
  for (const { id, messages } of list) {
    const chat = chats.get(id);
    chat.log.replaceChildren();
    chat.messages.clear();
    chat.day = "";
    chat.log.setAttribute("aria-live", "off");
    messages.forEach((message) => say(chat, message, false));
    toBottom(chat);
    requestAnimationFrame(() => chat.log.setAttribute("aria-live", "polite"));
  }
  document.body.dataset.ready = me;
}

function showClock() {
  const now = new Date(Date.now() + clockAhead);
  [$("#clock .day-of").textContent, $("#clock .hour-of").textContent] = dayAndHour(now);
  $("#clock").dateTime = now.toISOString();
}

// ---- chats ----

function buildChats(list) {
  chats.clear();
  $("#chats").replaceChildren();
  $(".tabs").replaceChildren();
  $(".tabs").classList.toggle("one-group", list.filter((chat) => !chat.private).length < 2);
  for (const { id, title, private: own } of list) {
    const panel = clone("chat");
    const tab = clone("tab");
    const chat = { id, private: own, panel, tab, log: $(".log", panel), messages: new Map() };
    Object.assign(chat, { replyTo: null, day: "", follows: true }); // follows: what comes is scrolled to
    const shown = own ? botName : title;
    panel.classList.add(own ? "private" : "group", "silent");
    panel.id = `chat-${id}`;
    tab.id = `tab-${id}`;
    tab.dataset.private = own;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", tab.id);
    $("h2", panel).textContent = shown;
    chat.log.setAttribute("aria-label", shown);
    $(".tab-title", tab).textContent = shown;
    tab.addEventListener("click", () => open(chat));
    tab.addEventListener("keydown", (event) => walkTabs(event, chat));
    chats.set(id, chat);
    wire(chat);
    $("#chats").append(panel);
    $(".tabs").append(tab);
  }
  const [first] = chats.values();
  for (const chat of chats.values()) mark(chat, chat === first, chat === first);
}

function mark(chat, current, currentGroup) {
  chat.panel.classList.toggle("current", current);
  chat.panel.classList.toggle("current-group", currentGroup);
  chat.tab.setAttribute("aria-selected", current);
  chat.tab.tabIndex = current ? 0 : -1;
}

function open(chosen) {
  for (const chat of chats.values()) {
    mark(chat, chat === chosen, chosen.private ? chat.panel.classList.contains("current-group") : chat === chosen);
  }
  $(".dot", chosen.tab).hidden = true;
  chosen.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  toBottom(chosen);
}

function walkTabs(event, chat) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...chats.values()].filter(({ tab }) => tab.getClientRects().length);
  const next = all[(all.indexOf(chat) + step + all.length) % all.length];
  open(next);
  next.tab.focus();
}

const visible = (chat) => chat.panel.getClientRects().length > 0;
const atBottom = ({ log }) => log.scrollHeight - log.scrollTop - log.clientHeight < 80;

function toBottom(chat) {
  chat.log.scrollTop = chat.log.scrollHeight;
  $(".newest", chat.panel).hidden = true;
}

// To the end, but never past the beginning of what is to be read.
function show(chat, node) {
  toBottom(chat);
  const hidden = chat.log.getBoundingClientRect().top - node.getBoundingClientRect().top;
  if (hidden > 0) chat.log.scrollTop -= hidden + 8;
}

// ---- messages ----

function say(chat, message, fresh) {
  if (!chat || chat.messages.has(message.id)) return;
  const stick = atBottom(chat) || chat.follows;
  showDay(chat, message);
  const node = clone("message");
  node.id = `message-${message.id}`;
  node.classList.toggle("fresh", fresh);
  node.classList.toggle("mine", message.sender === me);
  node.classList.toggle("bot", message.sender === null);
  $(".avatar", node).textContent = message.sender === null ? botName.at(-1) : [...message.name][0];
  $(".name", node).textContent = message.name;
  const badge = $(`[data-role="${message.role}"]`, $("#badge-template").content);
  if (badge) $(".from", node).append(badge.cloneNode(true));
  chat.messages.set(message.id, node);
  fill(chat, node, message);
  chat.log.append(node);
  chat.panel.classList.remove("silent");
  if (!fresh) return;
  if (stick) show(chat, node);
  else $(".newest", chat.panel).hidden = false;
  if (!visible(chat) && message.sender !== me) $(".dot", chat.tab).hidden = false;
}

function edit(chat, message) {
  const node = chat?.messages.get(message.id);
  if (!node) return;
  const stick = atBottom(chat) || (chat.follows && node === chat.log.lastElementChild);
  fill(chat, node, message);
  node.classList.remove("touched");
  void node.offsetWidth; // restarts the animation
  node.classList.add("touched");
  if (stick) show(chat, node);
  else node.scrollIntoView({ block: "nearest" });
  if (!visible(chat)) $(".dot", chat.tab).hidden = false;
}

function showDay(chat, message) {
  const day = dayOf.format(new Date(message.at));
  if (day === chat.day) return;
  chat.day = day;
  const line = document.createElement("p");
  line.className = "day";
  line.textContent = day;
  chat.log.append(line);
}

function fill(chat, node, message) {
  linkify($(".text", node), [message.text, ...message.files.map((name) => `[${name}]`)].join("\n"));
  $("time", node).textContent = hourOf.format(new Date(message.at));
  $("time", node).dateTime = message.at;
  $(".edited", node).hidden = !message.edited;
  showFigure($(".figure", node), message.picture);
  showQuote($(".quote", node), chat.messages.get(message.reply_to));
  $(".reply", node).onclick = () => quote(chat, message);
  $(".buttons", node).replaceChildren(...message.buttons.map((button) => {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.textContent = button.label;
    pressed.onclick = () => press(chat, message.id, button.token, pressed);
    return pressed;
  }));
}

function linkify(place, text) {
  const parts = text.split(/(https?:\/\/[\w\-./?%&=#~:+]*[\w/])/);
  place.replaceChildren(...parts.map((part, nth) => {
    if (nth % 2 === 0) return document.createTextNode(part);
    const link = document.createElement("a");
    Object.assign(link, { href: part, textContent: part, target: "_blank", rel: "noopener noreferrer" });
    return link;
  }));
}

function showFigure(frame, picture) {
  frame.hidden = !picture;
  if (!picture) return;
  const source = `/figures/${encodeURIComponent(picture)}.png`;
  if ($("img", frame).getAttribute("src") !== source) $("img", frame).src = source;
  frame.onclick = () => {
    $("#viewer img").src = source;
    $("#viewer").showModal();
  };
}

const quoteOf = (name, text) => word("quote").replace("{name}", () => name).replace("{text}", () => text);

function showQuote(place, quoted) {
  place.hidden = !quoted;
  if (!quoted) return;
  place.textContent = quoteOf($(".name", quoted).textContent, $(".text", quoted).textContent);
  place.onclick = () => quoted.scrollIntoView({ block: "center" });
}

// ---- what the person does ----

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) toast(word(said.detail) ?? word("not-sent"));
    else if (said.stored === false) toast(word("not-stored"));
    return answer.ok ? said : null;
  } catch {
    toast(word("not-sent"));
    return null;
  }
}

async function press(chat, message, token, button) {
  if (button.ariaBusy === "true") return;
  for (const each of chats.values()) each.follows = true; // the answer to a group's button comes in private
  button.ariaBusy = "true";
  await post("/chatroom/presses", { chat: chat.id, account: me, message, token });
  button.ariaBusy = "false";
}

function wire(chat) {
  const { panel } = chat;
  const form = $("form", panel);
  const field = $("textarea", panel);
  field.placeholder = word(chat.private ? "write-private" : "write-group");
  field.setAttribute("aria-label", field.placeholder);
  form.addEventListener("submit", (event) => { event.preventDefault(); send(chat, field); });
  field.addEventListener("input", () => measure(panel, field));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send(chat, field);
  });
  $(".mention", panel).onclick = () => {
    const without = field.value.replaceAll(mention, "").trimStart();
    field.value = field.value.includes(mention) ? without : `${mention} ${without}`;
    measure(panel, field);
    field.focus();
  };
  $(".quoting .close", panel).onclick = () => quote(chat, null);
  $(".newest", panel).onclick = () => toBottom(chat);
  for (const gesture of ["wheel", "touchmove", "keydown"]) {
    chat.log.addEventListener(gesture, () => { chat.follows = false; }, { passive: true });
  }
  chat.log.addEventListener("scroll", () => { if (atBottom(chat)) $(".newest", panel).hidden = true; });
  for (const hint of panel.querySelectorAll(".hints button")) {
    hint.onclick = () => { field.value = hint.textContent; send(chat, field); };
  }
}

function measure(panel, field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
  const over = field.value.length - limit;
  $(".count", panel).hidden = over <= 0;
  $(".count", panel).textContent = word("over").replace("{n}", over);
  $(".send", panel).disabled = over > 0 || !field.value.trim();
  $(".mention", panel).setAttribute("aria-pressed", field.value.includes(mention));
}

async function send(chat, field) {
  const text = field.value;
  if (!text.trim() || text.length > limit) return;
  const { replyTo } = chat;
  chat.follows = true;
  field.value = "";
  quote(chat, null);
  measure(chat.panel, field);
  const body = { chat: chat.id, account: me, text, reply_to: replyTo };
  if (await post("/chatroom/messages", body) || field.value) return;
  field.value = text;
  measure(chat.panel, field);
}

function quote(chat, message) {
  chat.replyTo = message?.id ?? null;
  $(".quoting", chat.panel).hidden = !message;
  if (!message) return;
  $(".quoting span", chat.panel).textContent = quoteOf(message.name, message.text);
  $("textarea", chat.panel).focus();
}

let toastUntil = 0;
function toast(text) {
  $("#toast").textContent = text;
  $("#toast").hidden = false;
  clearTimeout(toastUntil);
  toastUntil = setTimeout(() => { $("#toast").hidden = true; }, 5000);
}

// ---- who is played ----

function play(account) {
  const button = $(`.person[data-account="${CSS.escape(account)}"]`);
  if (!button) return false;
  me = account;
  for (const other of document.querySelectorAll(".person")) other.ariaCurrent = other === button ? "true" : "false";
  $("#who-name").textContent = button.dataset.name;
  const role = $(".badge", button)?.textContent;
  const where = $("h3", button.closest("section")).textContent;
  $("#who-where").textContent = role && role !== where ? `${where} · ${role}` : where;
  history.replaceState(null, "", `?as=${encodeURIComponent(account)}`);
  chats.clear(); // another person's chats, even where they are the same groups
  delete document.body.dataset.ready;
  socket?.close();
  connect();
  return true;
}

function search() {
  const wanted = $("#search").value.trim();
  let found = 0;
  for (const section of document.querySelectorAll("#picker section")) {
    let here = 0;
    for (const button of section.querySelectorAll(".person")) {
      button.parentElement.hidden = !button.textContent.includes(wanted);
      here += button.parentElement.hidden ? 0 : 1;
    }
    section.hidden = !here;
    found += here;
  }
  $("#nobody").hidden = found > 0;
}

$("#who").onclick = () => {
  $("#search").value = "";
  search();
  $("#picker").showModal();
  $(`.person[aria-current="true"]`)?.scrollIntoView({ block: "center" });
};
$("#search").addEventListener("input", search);
$("#search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") $("#picker li:not([hidden]) .person")?.click();
});
$("#picker").addEventListener("click", ({ target }) => {
  const button = target.closest(".person");
  if (button) play(button.dataset.account);
  if (button || target.closest(".close") || target.id === "picker") $("#picker").close();
});
$("#viewer").addEventListener("click", () => $("#viewer").close());
$("#next-wave")?.addEventListener("click", async ({ currentTarget }) => {
  currentTarget.disabled = true;
  const turned = await post("/chatroom/clock", { to: "next-wave" });
  if (turned) toast(word("turned").replace("{when}", dayAndHour(new Date(turned.now)).join(" ")));
  $("#next-wave").disabled = false;
});
setInterval(showClock, 5000);

const asked = new URLSearchParams(location.search).get("as");
if (!(asked && play(asked))) {
  const students = [...document.querySelectorAll(".person")];
  const plain = students.find((button) => !$(".badge", button)) ?? students[0];
  if (plain) play(plain.dataset.account);
}
