// WeCom's official Node client as a small bot: what it hears it answers in each way that it knows.
// Arguments: address, bot id, secret. Ends when its input ends.
const { WSClient } = require("@wecom/aibot-node-sdk");

const [wsUrl, botId, secret] = process.argv.slice(2);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const client = new WSClient({ botId, secret, wsUrl, logger: silent });

const card = (title, more) => ({ main_title: { title }, task_id: "official-1", ...more });
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
const when = (event, act) => client.on(event, (frame) => act(frame).catch(fail));

when("message.text", async (frame) => {
  await client.replyStream(frame, "stream-1", "thinking");
  await client.replyStream(frame, "stream-1", `heard: ${frame.body.text.content}`, true);
  const buttons = [{ text: "yes", style: 1, key: "yes" }];
  const question = card("sure?", { card_type: "button_interaction", button_list: buttons });
  await client.replyTemplateCard(frame, question);
});

when("message.image", async (frame) => {
  const { url, aeskey } = frame.body.image;
  const { buffer } = await client.downloadFile(url, aeskey);
  const { media_id } = await client.uploadMedia(buffer, { type: "image", filename: "back.png" });
  await client.reply(frame, { msgtype: "image", image: { media_id } });
});

when("event.enter_chat", (frame) => client.replyWelcome(frame, { msgtype: "text", text: { content: "welcome" } }));

when("event.template_card_event", async (frame) => {
  const { userid } = frame.body.from;
  const action = { type: 1, url: "https://www.chsi.com.cn/" };
  await client.updateTemplateCard(frame, card("thanks", { card_type: "text_notice", card_action: action }), [userid]);
  await client.sendMessage(userid, { msgtype: "markdown", markdown: { content: "by the way" }, chat_type: 1 });
});

client.on("authenticated", () => console.log("authenticated"));
client.on("error", fail);
process.stdin.resume().on("end", () => process.exit(0));
client.connect();
