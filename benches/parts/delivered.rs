//! Test mails as a Gmail mailbox hands them out (`format=raw`): with the trace of their way.
//!
//! Its lines end in CRLF (RFC 5322 section 2.3), as SMTP brings them and the API hands them out. A mail read
//! through the API carries some 5 KB of headers that no test mail has: hops, seals
//! (RFC 8617), signatures (RFC 6376) and results (RFC 8601). A report of a server brings back
//! the whole mail, with both its texts. Names and keys are made up; lengths are the usual ones.

use std::fmt::Write as _;

use jooper_message::inbound::InboundMail;
use jooper_message::inbound::mail::PartKind;

/// What the mail that a report brings back looks like behind its header.
const ORIGINAL: &str = include_str!("original.txt");

/// Base64 of `bytes` bytes in the lines of a signature, without a meaning.
fn signature(seed: u32, bytes: usize) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    for at in 0..bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if at % 64 == 0 && at > 0 {
            out.push_str("\n         ");
        }
        out.push(char::from(DIGITS[(state >> 26) as usize]));
    }
    out.push_str("==");
    out
}

/// The headers that the receiving side writes above a mail.
fn trace(mail: &InboundMail<'_>, seed: u32) -> String {
    let domain = mail.from_address().unwrap_or_default();
    let domain = domain
        .rsplit('@')
        .next()
        .filter(|domain| !domain.is_empty());
    let domain = domain.unwrap_or("sender.example");
    let fields = "h=to:subject:message-id:date:from:in-reply-to:references:mime-version\n         :dkim-signature";
    let mut out = String::new();
    if !mail.has_header("delivered-to") {
        out.push_str("Delivered-To: nora.feldt@brightpath.example\n");
    }
    let _ = write!(
        out,
        "Received: by 2002:a05:7300:7b07:b0:132:{seed:04x}:21e9 with SMTP id m7csp1021334dyk;\n        Tue, 8 Dec 2026 04:18:24 -0800 (PST)\n\
         X-Google-Smtp-Source: {source}\n\
         X-Received: by 2002:a05:600c:4fd5:b0:434:a111:{seed:04x} with SMTP id 5b1f17b1804b1-434ddea7dd6mr128391945e9.13.1765196303992;\n        Tue, 08 Dec 2026 04:18:23 -0800 (PST)\n\
         ARC-Seal: i=1; a=rsa-sha256; t=1765196303; cv=none;\n        d=google.com; s=arc-20240605;\n        b={seal}\n\
         ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20240605;\n        {fields};\n        bh={hash};\n        fh={hash};\n        b={arc};\n        dara=google.com\n\
         ARC-Authentication-Results: i=1; mx.google.com;\n       dkim=pass header.i=@{domain} header.s=mail header.b={short};\n       spf=pass (google.com: domain of bounce@{domain} designates 203.0.113.104 as permitted sender) smtp.mailfrom=bounce@{domain};\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from={domain}\n\
         Received: from mail-sor-f41.{domain} (mail-sor-f41.{domain}. [203.0.113.104])\n        by mx.google.com with ESMTPS id ffacd0b85a97d-3862190997bsor2434143f8f.0.2026.12.08.04.18.23\n        for <nora.feldt@brightpath.example>\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\n        Tue, 08 Dec 2026 04:18:23 -0800 (PST)\n\
         Received-SPF: pass (google.com: domain of bounce@{domain} designates 203.0.113.104 as permitted sender) client-ip=203.0.113.104;\n",
        source = signature(seed ^ 1, 64).replace(['\n', ' '], ""),
        seal = signature(seed, 342),
        hash = signature(seed ^ 2, 43),
        arc = signature(seed ^ 3, 342),
        short = &signature(seed ^ 4, 8)[..8],
    );
    if !mail.has_header("authentication-results") {
        let _ = write!(
            out,
            "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@{domain} header.s=mail header.b={short};\n       spf=pass (google.com: domain of bounce@{domain} designates 203.0.113.104 as permitted sender) smtp.mailfrom=bounce@{domain};\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from={domain}\n",
            short = &signature(seed ^ 4, 8)[..8],
        );
    }
    let _ = write!(
        out,
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n        d={domain}; s=mail; t=1765196302; x=1765801102; dara=google.com;\n        h=to:subject:message-id:date:from:in-reply-to:references:mime-version\n         :from:to:cc:subject:date:message-id:reply-to;\n        bh={hash};\n        b={dkim}\n\
         X-Google-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n        d=1e100.net; s=20230601; t=1765196302; x=1765801102;\n        h=to:subject:message-id:date:from:in-reply-to:references:mime-version\n         :x-gm-message-state:from:to:cc:subject:date:message-id:reply-to;\n        bh={hash};\n        b={google}\n\
         X-Gm-Message-State: {state}\n\
         X-Gm-Gg: {gg}\n\
         Received: from [10.0.3.17] (unknown [198.51.100.23])\n\tby smtp.{domain} (Postfix) with ESMTPSA id 4XyZk21sTqz9rxN\n\tfor <nora.feldt@brightpath.example>; Tue,  8 Dec 2026 12:18:21 +0000 (UTC)\n",
        hash = signature(seed ^ 2, 43),
        dkim = signature(seed ^ 5, 342),
        google = signature(seed ^ 6, 342),
        state = signature(seed ^ 7, 86).replace(['\n', ' '], ""),
        gg = signature(seed ^ 8, 172).replace("\n         ", "\n\t"),
    );
    out
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len().max(1))
        .position(|part| part == wanted)
}

/// Returns `raw` as it stands in a Gmail mailbox, a returned mail in it with its body, every line ended by CRLF.
pub(super) fn as_delivered(raw: &[u8], seed: u32) -> Vec<u8> {
    let raw: Vec<u8> = raw.iter().copied().filter(|&byte| byte != b'\r').collect();
    let mail = InboundMail::parse(&raw);
    let mut out = trace(&mail, seed).into_bytes();
    let returned = mail.parts().iter().find(|part| {
        part.kind == PartKind::Embedded
            && part.media_type == "message/rfc822"
            && part.encoding != "base64"
    });
    let original = returned.map(|part| mail.bytes(&part.body));
    match original.and_then(|original| Some((original, find(&raw, original)?))) {
        Some((original, at)) => {
            let head = find(original, b"\n\n").map_or(original.len(), |end| end + 1);
            out.extend_from_slice(&raw[..at]);
            for line in original[..head].split_inclusive(|&byte| byte == b'\n') {
                if !line.to_ascii_lowercase().starts_with(b"content-") {
                    out.extend_from_slice(line);
                }
            }
            out.extend_from_slice(ORIGINAL.as_bytes());
            out.extend_from_slice(&raw[at + original.len()..]);
        }
        None => out.extend_from_slice(&raw),
    }
    let mut delivered = Vec::with_capacity(out.len() + out.len() / 32);
    for line in out.split_inclusive(|&byte| byte == b'\n') {
        delivered.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        delivered.extend_from_slice(b"\r\n");
    }
    delivered
}
