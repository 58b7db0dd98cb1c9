# SPDX-License-Identifier: MIT
"""Texts that run in a browser when somebody forgets to escape them, and the mark that tells so."""

MARK = "xq7"  # in every one of them, so that a page can be searched for what became of it

TAGS = [
    "<script>{}</script>", "<ScRiPt>{}</sCrIpT>", "<script src=//{}>", "<script/{}>", "<img src=x onerror={}>",
    "<img/src=x/onerror={}>", "<svg onload={}>", "<svg/onload={}>", "<svg><script>{}</script></svg>", "<body onload={}>",
    "<iframe src=javascript:{}>", "<iframe srcdoc='<script>{}</script>'>", "<object data=javascript:{}>", "<embed src={}>",
    "<a href=javascript:{}>a</a>", "<a href='java\tscript:{}'>a</a>", "<form action={}><button>", "<input autofocus onfocus={}>",
    "<details open ontoggle={}>", "<video><source onerror={}>", "<audio src onerror={}>", "<marquee onstart={}>",
    "<math><mi xlink:href=javascript:{}>", "<style>@import '{}'</style>", "<link rel=stylesheet href={}>", "<base href={}>",
    "<meta http-equiv=refresh content=0;url={}>", "<template>{}</template>", "<noscript><p title='</noscript><img onerror={}>'>",
    "<!--<img src='--><img onerror={}>'>", "<![CDATA[<{}>]]>", "<?{}?>", "<textarea>{}</textarea>", "<title>{}</title>",
    "</title><script>{}</script>", "</textarea><script>{}</script>", "</style><script>{}</script>", "</script><script>{}",
    "</main><h1>{}</h1>", "</td><td>{}", "</code></pre>{}", "</option></select>{}<b>", "</time>{}<i>", "<plaintext>{}", "<xmp>{}",
]  # fmt: skip
ATTRIBUTES = [
    '" onmouseover={} "', "' onmouseover={} '", "` onmouseover={} `", '" autofocus onfocus={} x="', "'><svg onload={}>",
    '"><svg onload={}>', '"/><svg onload={}>', '" style=background:url({}) "', '"><!--{}', "x\" onclick=\"{}", "\\\"onclick={}//",
    '&quot; onclick={} &quot;', "&#34; onclick={}", "&lt;script&gt;{}&lt;/script&gt;", "&#60;script&#62;{}", "&#x3c;script>{}",
    "%3Cscript%3E{}", "%22%3E%3Csvg onload={}", "\u00ab{}\u00bb", "\uff1cscript\uff1e{}", "<\u200bscript>{}", "<scr\u00adipt>{}",
]  # fmt: skip
ADDRESSES = [
    "javascript:{}", "JaVaScRiPt:{}", "javascript://%0a{}", "data:text/html,<script>{}</script>", "data:text/html;base64,{}",
    "vbscript:{}", "//{}", "\\\\{}", "/\\{}", "file:///{}", "blob:{}", "about:{}", "view-source:{}", "feed:javascript:{}",
    "jar:{}!/", "ws://{}", "ftp://{}", "tel:{}", "sms:{}", "intent:{}", "ms-settings:{}", "mailto", "https:{}", "http:/{}",
    "https://a\"onclick={}", "https://a' onclick={}", "https://a<{}>", "https://a`{}`",
]  # fmt: skip
MARKDOWN = [
    "[a](javascript:{})", "[a](JAVASCRIPT:{})", "[a](java&Tab;script:{})", "[a](&#106;avascript:{})", "[a](data:text/html,{})",
    "[a](vbscript:{})", "[a](<javascript:{}>)", "[a]: javascript:{}\n[a]", "![a](javascript:{})", "![a](x\" onerror=\"{})",
    "![a](https://x/{}.png \"t\" onerror=)", "<javascript:{}>", "[a](https://x \"onclick={}\")", "<div>{}</div>", "a <b onclick={}>",
    "`<script>{}</script>`", "    <script>{}</script>", "```\" onclick={}\nx\n```", "# <svg onload={}>", "> <script>{}</script>",
    "- <img src=x onerror={}>", "[<img src=x onerror={}>](https://x)", "[a](//{})", "[a](/{})", "<!-- {} -->", "<?{} ?>",
    "&lt;script&gt;{}&lt;/script&gt;", "[a](\\javascript:{})", "[a](%6aavascript:{})", "[![{}](x)](javascript:{})",
]  # fmt: skip

TEXTS = [text.replace("{}", MARK) for text in TAGS + ATTRIBUTES]
URLS = [text.replace("{}", MARK) for text in ADDRESSES]
READMES = [text.replace("{}", MARK) for text in MARKDOWN + TAGS]
