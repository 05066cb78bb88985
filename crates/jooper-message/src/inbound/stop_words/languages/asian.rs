//! Japanese, Chinese, Korean, Vietnamese, Indonesian and Malay, Thai, Hindi.

use super::Language;

#[rustfmt::skip]
pub(super) static JA: Language = Language {
    tag: "ja",
    requests: &[
        "配信停止をお願い", "配信停止してください", "配信停止を希望", "配信停止を依頼", "配信停止お願い", "配信を停止して", "配信の停止をお願い", "配信の停止を希望", "配信を止めて",
        "配信解除をお願い", "配信解除してください", "配信リストから削除", "配信リストから外し", "配信先から削除", "配信先から外し", "メーリングリストから削除", "メーリングリストから外し",
        "リストから削除して", "リストから削除を", "リストから削除お願い", "リストから削除願", "リストから外して", "リストから除外", "アドレスを削除して", "アドレスの削除をお願い", "登録を解除して", "登録解除をお願い", "登録を削除して", "購読を解除",
        "購読解除をお願い", "解約をお願い", "個人情報を削除", "情報を削除して", "データを削除して", "メールを止めて", "メールをやめて", "送信を停止", "送信をやめて", "送信を止めて",
        "送信停止をお願い", "今後の送信は不要", "今後のメールは不要", "今後のご連絡は不要", "今後の連絡は不要", "今後のご連絡はお控え", "今後の連絡はお控え", "ご連絡はお控え",
        "ご連絡はご遠慮", "今後のメールはお断り", "今後のメールはご遠慮", "営業メールはお断り", "同意を撤回",
        "リストから外れたい", "リストからの削除をお願い", "リストからの削除を希望", "対象から除外して", "対象から外して", "配信対象から除外", "配信対象から外し",
    ],
    refusals: &[
        "メールを送らないで", "メールは送らないで", "メールしないで", "送ってこないで", "送信しないで", "もう送らないで", "二度と送らないで", "今後送らないで", "今後は送らないで",
        "連絡しないで", "連絡してこないで", "今後メールを送付しない", "今後メールは不要", "メールは不要です", "受信を希望しません", "受け取りたくありません", "受信したくありません",
        "送付しないよう", "送信しないよう", "送らないよう", "連絡しないよう",
        "送らないでください", "送らないで下さい", "邪魔しないで", "迷惑ですのでやめて",
        "連絡いただかないよう", "連絡をいただかないよう", "お送りいただかないよう",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["配信停止", "配信停止希望", "登録解除", "停止", "解除", "配信解除", "購読解除"],
    negations: &[],
};

#[rustfmt::skip]
pub(super) static ZH: Language = Language {
    tag: "zh",
    requests: &[
        "请退订", "我要退订", "帮我退订", "我想退订", "希望退订", "申请退订", "取消我的订阅", "请取消订阅", "我要取消订阅", "取消訂閱我", "請取消訂閱", "我要取消訂閱",
        "幫我取消訂閱", "请将我移", "请把我移", "請將我移", "請把我移", "把我移除", "将我移除", "將我移除", "把我删除", 
        "从名单中移除", "從名單中移除", "停止发送", "停止向我发送", "停止给我发", "停止发邮件",
        "停止發送", "停止寄送", "停止寄信", "停止联系", "停止骚扰", "不再接收", "不再接受邮件", "撤回同意", "撤回我的同意",
        "希望从名单中", "想从名单中", "希望被移除", "希望從名單中", "把我排除", "将我排除", "將我排除",
    ],
    refusals: &[
        "不要再发", "请勿再发", "别再发", "不要再给我发", "请不要再发", "请不要给我发", "不要给我发", "别给我发", "请勿发送", "请勿再联系", "不要再联系", "别再联系",
        "请不要再联系", "不要再寄", "請勿再寄", "請不要再寄", "別再寄", "請不要再發", "請勿再發", "不要再發", "別再發", "請勿再聯絡", "請不要再聯絡", "不要再聯絡",
        "不要再打扰", "请勿打扰", "別再打擾", "請勿打擾", "不想再收到", "不想收到", "不希望再收到", "不希望收到", "不願再收到", "不愿再收到", "不想再接到", "不需要再发",
        "我没有订阅", "我沒有訂閱", "从未订阅", "從未訂閱",
        "不要发送这些", "不要发这些", "不要發送這些", "不要發這些", "请勿联系", "請勿聯絡",
    ],
    unfinished: &["删除我的", "刪除我的", "移除我的"],
    places: &[
        "从邮件列表", "從郵件名單", "從發送名單",
        "把我从", "将我从", "把我從", "將我從", "把我的邮箱", "将我的邮箱", "把我的地址", "将我的邮件地址", "把我的郵箱", "將我的信箱", "把我的信箱",
    ],
    wishes: &[],
    bare: &["退订", "退訂", "取消订阅", "取消訂閱", "停止", "移除", "TD"],
    negations: &["不", "别", "別", "没", "沒", "勿"],
};

#[rustfmt::skip]
pub(super) static KO: Language = Language {
    tag: "ko",
    requests: &[
        "수신거부 부탁*", "수신 거부 부탁*", "수신거부 해*", "수신거부해*", "수신 거부해*", "수신거부 요청*", "수신 거부 요청*", "수신거부합니다", "수신 거부합니다",
        "수신거부 처리*", "수신 거부 처리*", "수신거부를 요청*", "구독 취소 부탁*", "구독취소 부탁*", "구독 취소해*", "구독을 취소*", "구독 해지 부탁*", "구독 해지해*",
        "구독을 해지*", "목록에서 삭제*", "목록에서 제외*", "목록에서 빼*", "명단에서 삭제*", "명단에서 제외*", "명단에서 빼*", "리스트에서 삭제*", "리스트에서 제외*",
        "리스트에서 빼*", "메일링 리스트에서", "제 이메일을 삭제*", "제 메일 주소를 삭제*", "이메일 주소를 삭제*", "메일 주소 삭제*", "제 정보를 삭제*", "제 정보 삭제*",
        "개인정보를 삭제*", "개인정보 삭제*", "발송을 중단*", "발송 중단*", "메일 발송을 중지*", "발송을 중지*", "발송 중지*", "그만 보내*", "그만 연락*",
        "메일 그만*", "연락을 중단*", "연락 중단*", "동의를 철회*", "동의 철회*",
        "목록에서 빠지고 싶*", "명단에서 빠지고 싶*", "저를 빼*", "저 좀 빼*",
        "저를 제외해*", "저를 제외시*", "저를 제외 부탁*", "저를 제외하여 주*", "저는 제외해*", "저는 제외시*",
    ],
    refusals: &[
        "보내지 않으시면 감사*", "보내지 않으시면 좋*", "연락하지 않으시면 감사*", "보내지 마세요", "보내지 말아*", "보내지 마십시오", "보내지 말아주세요", "보내지 않으셨으면", "보내지 말*", "연락하지 마세요", "연락하지 말아*", "연락하지 마십시오",
        "연락하지 말*", "연락 주지 마*", "메일을 받고 싶지 않*", "메일 받고 싶지 않*", "이메일을 받고 싶지 않*", "받고 싶지 않습니다", "수신을 원하지 않*",
        "수신 원하지 않*", "수신을 원치 않*", "연락을 원하지 않*", "연락을 원치 않*", "동의한 적 없*", "구독한 적 없*",
        "귀찮게 하지 마*", "귀찮게 하지 말*", "방해하지 마*", "방해하지 말*", "괴롭히지 마*",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["수신거부", "수신 거부", "구독취소", "구독 취소", "구독 해지", "구독해지", "그만", "중지", "삭제"],
    negations: &[],
};

#[rustfmt::skip]
pub(super) static VI: Language = Language {
    tag: "vi",
    requests: &[
        "hủy đăng ký", "huỷ đăng ký", "hủy đăng kí", "huỷ đăng kí", "bỏ đăng ký", "ngừng đăng ký", "xóa tôi khỏi",
        "xoá tôi khỏi", "loại tôi khỏi", "gỡ tôi khỏi", "đưa tôi ra khỏi", "xóa tên tôi", "xoá tên tôi",
        "xóa email của tôi", "xoá email của tôi", "xóa địa chỉ", "xoá địa chỉ", "xóa thông tin của tôi",
        "xoá thông tin của tôi", "xóa dữ liệu", "xoá dữ liệu", "khỏi danh sách", "ngừng gửi", "dừng gửi", "thôi gửi",
        "ngưng gửi", "ngừng liên hệ", "dừng liên hệ", "từ chối nhận", "rút lại sự đồng ý",
        "muốn được xóa khỏi", "muốn được gỡ khỏi", "muốn được loại khỏi", "loại trừ tôi",
    ],
    refusals: &[
        "đừng gửi", "đừng liên hệ", "đừng làm phiền", "đừng gửi email", "vui lòng không gửi", "xin đừng gửi",
        "không gửi ~ nữa", "không liên hệ ~ nữa", "không muốn nhận", "không muốn tiếp tục nhận",
        "không muốn nhận thêm", "không có nhu cầu nhận", "chưa từng đăng ký", "không hề đăng ký",
        "không đồng ý nhận",
        "đừng viết cho tôi", "không làm phiền", "đừng đưa tôi vào",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["hủy đăng ký", "huỷ", "hủy", "dừng", "ngừng", "từ chối"],
    negations: &["khong", "dung", "chua"],
};

#[rustfmt::skip]
pub(super) static ID: Language = Language {
    tag: "id",
    requests: &[
        "berhenti berlangganan", "ingin berhenti", "mau berhenti berlangganan", "batalkan langganan",
        "batalkan langganan saya", "hapus saya dari", "hapus email saya", "hapus alamat", "hapus nama saya",
        "hapus data saya", "menghapus saya dari", "menghapus email saya", "menghapus data saya", "menghapus alamat",
        "keluarkan saya dari", "mengeluarkan saya dari", "coret saya dari", "hentikan pengiriman", "hentikan email",
        "hentikan mengirim", "berhenti mengirim", "stop kirim", "stop mengirim", "stop mengirimi",
        "berhenti menghubungi", "buang saya dari", "padam data saya", "padamkan emel saya", "menarik persetujuan",
        "menarik kembali persetujuan", "keberatan atas pemrosesan",
        "ingin dihapus dari", "mau dihapus dari", "ingin dikeluarkan dari", "mau dikeluarkan dari", "kecualikan saya",
    ],
    refusals: &[
        "jangan kirim", "jangan kirimi", "jangan mengirim", "jangan hubungi", "jangan menghubungi", "jangan email",
        "jangan ganggu", "jangan hantar", "tidak ingin menerima", "tidak mau menerima", "tidak ingin lagi",
        "tidak mau lagi", "tidak ingin dihubungi", "tidak mau dihubungi", "tidak berminat menerima",
        "tidak mahu menerima", "tidak pernah mendaftar", "tidak pernah berlangganan", "tidak menyetujui",
        "jangan menulis kepada saya", "jangan masukkan saya", "jangan mengganggu", "jangan hubungi saya",
    ],
    unfinished: &[],
    places: &["dari daftar anda", "dari milis", "dari mailing list"],
    wishes: &[],
    bare: &["berhenti", "unsubscribe", "stop", "hentikan", "batal langganan"],
    negations: &["tidak", "bukan", "jangan", "tak", "belum"],
};

#[rustfmt::skip]
pub(super) static TH: Language = Language {
    tag: "th",
    requests: &[
        "ขอยกเลิกการรับ", "ขอยกเลิกรับ", "ต้องการยกเลิก", "ยกเลิกการรับข่าว", "ยกเลิกการรับอีเมล", "ยกเลิกการสมัคร",
        "ยกเลิกรับข่าว", "ยกเลิกรับอีเมล", "ยกเลิกการเป็นสมาชิก", "ลบฉันออก", "ลบผมออก", "ลบดิฉันออก", "ลบชื่อ",
        "ลบอีเมลของ", "ลบข้อมูลของ", "ลบที่อยู่อีเมล", "เอาชื่อฉันออก", "เอาชื่อผมออก", "นำชื่อ", "นำอีเมลของ",
        "ออกจากรายชื่อ", "หยุดส่งอีเมล", "หยุดส่งข้อความ", "หยุดส่ง", "หยุดติดต่อ", "เลิกส่ง", "ถอนความยินยอม",
        "เอาฉันออก", "เอาผมออก", "หยุดรบกวน", "เลิกรบกวน", "อยากออกจากรายชื่อ",
    ],
    refusals: &[
        "อย่าส่งอีเมล", "อย่าส่งมา", "อย่าส่ง", "ไม่ต้องส่งมา", "ไม่ต้องส่งอีเมล", "กรุณาอย่าส่ง", "กรุณาอย่าติดต่อ",
        "อย่าติดต่อ", "ไม่ต้องติดต่อ", "ไม่ต้องการรับ", "ไม่อยากรับ", "ไม่ประสงค์จะรับ", "ไม่ประสงค์รับ",
        "ไม่เคยสมัคร",
        "อย่ารบกวน", "ไม่ต้องส่ง",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["ยกเลิก", "หยุด", "ยกเลิกรับข่าวสาร"],
    negations: &[],
};

#[rustfmt::skip]
pub(super) static HI: Language = Language {
    tag: "hi",
    requests: &[
        "मुझे सूची से हटा*", "मुझे अपनी सूची से", "मुझे लिस्ट से", "मुझे अपनी लिस्ट से", "मेरा नाम हटा*",
        "मेरा ईमेल हटा*", "मेरा ईमेल पता हटा*", "मेरा डेटा हटा*", "सदस्यता रद्द कर*", "सदस्यता समाप्त कर*",
        "अनसब्सक्राइब कर*", "ईमेल भेजना बंद", "मेल भेजना बंद", "संदेश भेजना बंद", "संपर्क करना बंद",
        "सूची से हटना चाहता", "सूची से हटना चाहती", "सूची से हटाया जाए", "मुझे बाहर रखें",
    ],
    refusals: &[
        "ईमेल न भेजें", "ईमेल मत भेज*", "मेल मत भेज*", "मेल न भेजें", "संदेश न भेजें", "संपर्क न करें",
        "संपर्क मत कर*", "ईमेल नहीं चाहिए", "मेल नहीं चाहिए", "प्राप्त नहीं करना चाहता", "प्राप्त नहीं करना चाहती",
        "परेशान न करें", "परेशान मत कर*", "तंग मत कर*", "मुझे न लिखें", "मुझे मत लिख*", "मुझे शामिल न करें",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["अनसब्सक्राइब", "बंद करें", "सदस्यता रद्द"],
    negations: &["नहीं", "मत", "न"],
};
