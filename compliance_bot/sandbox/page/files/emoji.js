// The emoji that a compliance team's messages use. Others stand as their names.

const SIGNS = {
  rotating_light: "🚨", white_check_mark: "✅", bar_chart: "📊", clock9: "🕘", warning: "⚠️", wrench: "🔧",
  x: "❌", bell: "🔔", no_bell: "🔕", eyes: "👀", fire: "🔥", tada: "🎉", wave: "👋", "+1": "👍", thumbsup: "👍",
  "-1": "👎", lock: "🔒", unlock: "🔓", key: "🔑", shield: "🛡️", mag: "🔍", memo: "📝", clipboard: "📋",
  page_facing_up: "📄", paperclip: "📎", file_folder: "📁", calendar: "📅", date: "📅", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", alarm_clock: "⏰", stopwatch: "⏱️", chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉", red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", question: "❓",
  exclamation: "❗", heavy_check_mark: "✔️", information_source: "ℹ️", speech_balloon: "💬", zzz: "💤",
  robot_face: "🤖", gear: "⚙️", hammer_and_wrench: "🛠️", bust_in_silhouette: "👤", busts_in_silhouette: "👥",
  arrow_up: "⬆️", arrow_down: "⬇️", arrow_right: "➡️", link: "🔗", inbox_tray: "📥", outbox_tray: "📤",
  pushpin: "📌", star: "⭐", sparkles: "✨", bulb: "💡", no_entry: "⛔", octagonal_sign: "🛑", construction: "🚧",
  mega: "📣", loudspeaker: "📢", package: "📦", ghost: "👻", rocket: "🚀", slightly_smiling_face: "🙂",
  smile: "😄", thinking_face: "🤔", pray: "🙏", clap: "👏", muscle: "💪", heart: "❤️", ticket: "🎫",
  scales: "⚖️", balance_scale: "⚖️", beetle: "🐞", bug: "🐛", hole: "🕳️", police_car: "🚓", checkered_flag: "🏁",
  card_index_dividers: "🗂️", raised_hand: "✋", receipt: "🧾", spiral_calendar_pad: "🗓️", sunrise: "🌅",
};

export const emoji = (name) => SIGNS[name];
