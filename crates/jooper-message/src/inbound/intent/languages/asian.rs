//! Japanese, Chinese, Korean, Vietnamese, Indonesian.

use super::Words;

#[rustfmt::skip]
pub(super) static JA: Words = Words {
    tag: "ja",
    interested: &[
        "興味があります", "興味がございます", "興味を持ちました", "興味を持って", "大変興味", "とても興味", "関心があります", "関心がございます", "関心を持ちました", "詳しく教えて",
        "詳しくお聞き", "詳しくお伺い", "詳しく聞きたい", "詳しく知りたい", "詳細を教えて", "詳細をお聞き", "詳細を知りたい", "詳細をお送り", "詳しい資料", "資料を送って",
        "資料をお送り", "資料をいただけ", "資料を頂け", "資料をください", "資料請求", "お話を伺いたい", "お話をお伺い", "お話をお聞き", "お話を聞きたい", "ぜひお願い", "是非お願い",
        "見積もりをお願い", "見積もりをいただけ", "見積りをお願い", "お見積もり", "お見積り", "試してみたい", "トライアルを", "導入を検討したい", "前向きに検討", "面白そう",
        "良さそう", "?興味", "?ぜひ", "?是非", "?はい",
    ],
    not_now: &[
        "現時点では", "現在のところ", "今のところ", "今は必要", "今はタイミング", "今すぐには", "今はまだ", "まだ早い", "時期尚早", "タイミングが合いません",
        "タイミングではありません", "今期は", "今年度は", "今年は難し", "予算がありません", "予算がない", "予算の都合", "予算が確保", "来年度", "来年", "来期", "来四半期",
        "次の四半期", "次年度", "年明け", "春頃", "秋頃", "夏以降", "数か月後", "数ヶ月後", "数カ月後", "半年後", "三か月後", "3か月後", "3ヶ月後", "後日改めて",
        "改めてご連絡", "改めて連絡", "またご連絡", "また連絡", "またの機会", "その際は", "その時はご連絡", "頃に再度", "再度ご連絡", "再度連絡", "落ち着いたら", "契約が残って",
        "契約期間", "?今は", "?現在",
    ],
    not_interested: &[
        "興味がありません", "興味はありません", "興味ありません", "興味がない", "関心がありません", "必要ありません", "必要はありません", "必要ございません", "不要です",
        "間に合っています", "間に合っております", "結構です", "遠慮させて", "遠慮いたします", "ご遠慮", "見送らせて", "見送ることに", "お見送り", "お断り", "お断りさせて", "辞退",
        "検討しておりません", "検討していません", "予定はございません", "予定はありません", "予定はない", "すでに導入", "既に導入", "すでに他社", "既に他社", "他社のサービスを",
        "他社に決め", "他社を利用", "ニーズがありません", "対象外", "?申し訳ありませんが", "?申し訳ございませんが", "?残念ながら",
    ],
    wrong_person: &[
        "担当ではありません", "担当ではない", "担当ではございません", "担当者ではありません", "担当者ではございません", "担当外", "管轄外", "担当を外れ", "担当が変わり", "担当が変更",
        "部署が違", "私の担当", "退職しました", "退職いたしました", "異動しました", "異動いたしました", "担当者は", "担当は", "担当の者", "が担当して", "が担当です",
        "が担当しております", "担当部署", "に連絡して", "にご連絡", "へご連絡", "宛にご連絡", "までご連絡", "に転送", "を転送", "へ転送", "転送しました", "転送いたしました",
        "転送します", "ccに入れ", "ccに追加", "に引き継", "後任", "?担当",
    ],
    question: &[
        "いくらですか", "おいくら", "料金は", "価格は", "費用は", "料金を教えて", "価格を教えて", "費用を教えて", "料金体系", "どのように", "どうやって", "どういう",
        "どのくらい", "どれくらい", "何日", "何名", "教えていただけ", "教えて頂け", "教えてください", "でしょうか", "ありますか", "できますか", "可能ですか", "対応していますか",
        "対応しています", "ですか", "ますか", "違いは", "どこで", "どちらで", "?質問", "?料金", "?価格",
    ],
    meeting: &[
        "お時間をいただけ", "お時間いただけ", "打ち合わせ", "打合せ", "お打ち合わせ", "ミーティングを", "面談", "お会い", "お電話いただけ", "お電話ください", "電話で話",
        "電話をいただけ", "日程調整", "日程を調整", "日程の調整", "候補日", "ご都合", "都合の良い", "都合のよい", "都合がつき", "空いています", "空いております", "時からお願い",
        "時はいかが", "時でいかが", "曜日はいかが", "曜日でいかが", "日はいかが", "招待を送って", "招待をお送り", "カレンダー招待", "会議の招待", "オンライン会議", "オンラインで",
        "zoomで", "teamsで", "?来週", "?明日",
    ],
    negations: &[],
};

#[rustfmt::skip]
pub(super) static ZH: Words = Words {
    tag: "zh",
    interested: &[
        "感兴趣", "感興趣", "有兴趣", "有興趣", "很有意思", "听起来不错", "聽起來不錯", "看起来不错", "看起來不錯", "想了解", "想多了解", "了解更多", "瞭解更多",
        "进一步了解", "進一步了解", "更多信息", "更多資訊", "详细资料", "詳細資料", "详细信息", "发给我", "發給我", "请发", "請發", "请发送", "寄给我", "寄給我",
        "请寄", "請寄", "提供资料", "提供資料", "提供报价", "提供報價", "报价单", "報價單", "请报价", "請報價", "想试用", "想試用", "试用一下", "試用", "正好需要",
        "正需要", "好的请", "可以考虑", "?不错", "?不錯", "?可以", "?好的",
    ],
    not_now: &[
        "暂时不", "暫時不", "暂时没有", "暫時沒有", "目前不", "目前没有", "目前沒有", "目前暂", "目前暫", "现在不", "現在不", "现阶段", "現階段", "还不是时候",
        "時機不", "时机不", "时间不合适", "還太早", "还太早", "为时过早", "為時過早", "不是优先", "不是優先", "今年不", "今年没有", "今年沒有", "没有预算", "沒有預算",
        "预算已经", "預算已經", "预算不足", "預算不足", "明年", "下个季度", "下個季度", "下季度", "下一季度", "年后", "年後", "春节后", "過年後", "春節後", "几个月后",
        "幾個月後", "三个月后", "三個月後", "半年后", "半年後", "以后再", "以後再", "晚点再", "晚點再", "过段时间", "過段時間", "过一阵", "到时候再", "到時候再",
        "再联系", "再聯絡", "再聯繫", "再谈", "再談", "再说", "再說", "有需要会联系", "有需要再", "合同到", "合约到", "合約到", "比较忙", "比較忙", "?目前",
        "?暂时", "?暫時",
    ],
    not_interested: &[
        "不感兴趣", "不感興趣", "没有兴趣", "没兴趣", "沒有興趣", "沒興趣", "不需要", "不用了", "不必了", "没有需求", "沒有需求", "没有需要", "沒有需要",
        "没有这方面的需求", "無此需求", "无此需求", "不考虑", "不考慮", "不适合", "不適合", "不合适", "谢谢不用", "謝謝不用", "已经有", "已經有", "已有供应商",
        "已有供應商", "已经在用", "已經在用", "已经在使用", "已經在使用", "已经合作", "已經合作", "很满意", "很滿意", "选择了其他", "選擇了其他", "婉拒", "拒绝", "拒絕",
        "?抱歉", "?不好意思", "?谢谢但",
    ],
    wrong_person: &[
        "不是负责人", "不是負責人", "不负责", "不負責", "不是我负责", "不是我負責", "找错人", "找錯人", "不归我管", "不是我的职责", "已经离职", "已經離職", "已离职",
        "不再负责", "不再負責", "由我的同事", "由我同事", "我的同事", "我同事", "同事负责", "同事負責", "负责人是", "負責人是", "的负责人", "的負責人", "负责此事",
        "負責此事", "负责这", "負責這", "请联系", "請聯絡", "請聯繫", "请与", "請與", "可以联系", "可以聯絡", "可以找", "转给", "轉給", "转发给", "轉發給",
        "已转交", "已轉交", "转交给", "轉交給", "抄送", "副本给", "?同事",
    ],
    question: &[
        "多少钱", "多少錢", "什么价格", "什麼價格", "价格是多少", "價格是多少", "价格多少", "價格多少", "费用是多少", "費用是多少", "怎么收费", "怎麼收費", "如何收费",
        "如何收費", "怎么运作", "如何运作", "怎么用", "怎麼用", "如何使用", "多长时间", "多長時間", "多久", "能否解释", "能否說明", "能否说明", "可以解释", "请问",
        "請問", "是否", "有没有", "有沒有", "能不能", "可不可以", "支持吗", "支援嗎", "在哪里", "在哪裡", "你们是谁", "哪里得到", "有什么区别", "有什麼區別", "吗",
        "嗎", "?问题", "?問題", "?价格", "?價格",
    ],
    meeting: &[
        "通话", "通話", "会议链接", "會議連結", "會議鏈接", "请寄会议", "請寄會議", "请发会议", "請發會議", "通电话", "通電話", "约周", "約週", "约在", "約在",
        "约个时间", "約個時間", "约时间", "約時間", "安排会议", "安排會議", "安排一次", "安排一個", "安排电话", "安排電話", "开个会", "開個會", "通个电话", "通個電話",
        "电话聊", "電話聊", "打电话给我", "打電話給我", "给我打电话", "給我打電話", "聊一下", "聊聊", "见面", "見面", "面谈", "面談", "有空", "有时间", "有時間",
        "方便吗", "方便嗎", "什么时候方便", "什麼時候方便", "几点", "幾點", "会议邀请", "會議邀請", "日历邀请", "發個邀請", "发个邀请", "视频会议", "視訊會議", "?下周",
        "?下週", "?明天", "?会议", "?會議",
    ],
    negations: &[],
};

#[rustfmt::skip]
pub(super) static KO: Words = Words {
    tag: "ko",
    interested: &[
        "관심이 있습니다", "관심 있습니다", "관심이 있어요", "관심이 갑니다", "관심이 많습니다", "관심 있어요", "흥미롭습니다", "흥미롭네요", "흥미로운", "좋아 보입니다",
        "좋아 보이네요", "좋은 것 같습니다", "더 알고 싶*", "자세히 알고 싶*", "자세한 내용을", "자세한 내용 부탁*", "자세한 설명", "자세한 정보", "추가 정보",
        "상세 자료", "자료 보내*", "자료를 보내*", "자료 부탁*", "자료를 부탁*", "자료 좀", "소개서 보내*", "소개서를 보내*", "견적 부탁*", "견적을 부탁*",
        "견적서 부탁*", "견적서를", "견적을 받*", "제안서 보내*", "제안서를", "사용해 보고 싶*", "써보고 싶*", "체험해 보고", "도입을 검토", "검토해 보겠습니다",
        "긍정적으로 검토", "?관심", "?네", "?좋습니다",
    ],
    not_now: &[
        "지금은 어렵*", "지금은 아닙니다", "지금은 아닌*", "지금은 필요*", "지금 당장은", "현재로서는", "현재로서 는", "현재는 계획", "현재는 어렵*", "당분간은", "당장은",
        "아직은", "아직 이릅니다", "시기상조", "시기가 아닙니다", "시기가 맞지", "타이밍이 아니*", "타이밍이 맞지", "우선순위가 아닙니다", "올해는", "올해 예산",
        "예산이 없*", "예산이 부족*", "예산이 확정", "예산 문제", "내년에", "내년 초", "내년도", "다음 분기", "다음분기", "연말 이후", "연초에", "몇 달 후",
        "몇 개월 후", "3개월 후", "6개월 후", "나중에", "추후에", "추후 다시", "다음 기회에", "다음에 다시", "다시 연락*", "그때 다시", "계약이 남아*", "계약 기간",
        "?현재", "?지금은",
    ],
    not_interested: &[
        "관심이 없*", "관심 없*", "관심없*", "필요하지 않*", "필요 없*", "필요없*", "필요가 없*", "괜찮습니다", "사양하겠습니다", "사양합니다", "거절",
        "거절하겠습니다", "계획이 없*", "계획 없*", "예정이 없*", "이미 사용*", "이미 이용*", "이미 다른", "이미 도입*", "다른 업체", "타사 제품", "만족하고 있*",
        "맞지 않*", "해당되지 않*", "해당사항 없*", "진행하지 않*", "어려울 것 같습니다", "?죄송하지만", "?아쉽지만", "?아니요",
    ],
    wrong_person: &[
        "담당자가 아닙니다", "담당자가 아니*", "담당이 아닙니다", "담당이 아니*", "담당하지 않*", "담당하고 있지 않*", "제 업무가 아닙니다", "제 담당이 아*",
        "부서가 아닙니다", "퇴사했습니다", "퇴사하셨습니다", "더 이상 근무하지", "더 이상 담당하지", "담당자는", "담당자분", "담당자에게", "담당자께", "담당하고 계*",
        "담당하고 있*", "담당합니다", "담당하십니다", "연락해 주시기", "에게 연락*", "께 연락*", "에게 문의*", "께 문의*", "로 문의*", "동료에게", "동료인",
        "제 동료", "전달했습니다", "전달하겠습니다", "전달드렸습니다", "전달드리겠습니다", "참조로", "참조에", "후임", "?담당자", "?동료",
    ],
    question: &[
        "얼마인가요", "얼마입니까", "가격이 어떻게", "가격은 어떻게", "비용이 어떻게", "비용은 어떻게", "비용이 얼마", "가격이 얼마", "요금은", "요금이 어떻게",
        "어떻게 작동*", "어떻게 되나요", "어떻게 되는지", "어떻게 사용*", "얼마나 걸리*", "기간은 얼마", "설명해 주실", "알려주실 수", "알려 주실 수", "알려주시겠",
        "있나요", "있습니까", "있을까요", "가능한가요", "가능합니까", "가능할까요", "지원하나요", "지원합니까", "되나요", "인가요", "어디에", "누구신가요", "어떻게 알게",
        "차이가 무엇", "무엇인가요", "?질문", "?문의", "?궁금*", "?가격",
    ],
    meeting: &[
        "미팅을", "미팅 일정", "미팅 가능*", "미팅하*", "회의 일정", "회의를 잡*", "일정을 잡*", "일정 잡*", "일정 조율", "통화 가능*", "통화하*", "통화로",
        "전화 주세요", "전화주세요", "전화 부탁*", "전화 주시*", "만나서", "만나 뵙*", "뵙겠습니다", "시간이 됩니다", "시간 괜찮*", "시간이 괜찮*", "시간 되시*",
        "가능합니다", "언제가 좋*", "언제 가능*", "언제 시간*", "초대장을 보내*", "초대장 보내*", "캘린더 초대", "화상 회의", "줌으로", "?미팅", "?회의",
        "?다음 주", "?내일",
    ],
    negations: &[],
};

#[rustfmt::skip]
pub(super) static VI: Words = Words {
    tag: "vi",
    interested: &[
        "nghe thú vị", "nghe hay", "nghe có vẻ", "rất thú vị", "rất quan tâm", "tôi quan tâm", "chúng tôi quan tâm",
        "có quan tâm", "muốn tìm hiểu", "muốn biết thêm", "tìm hiểu thêm", "thêm thông tin", "thông tin chi tiết",
        "gửi cho tôi", "gửi thêm", "gửi giúp tôi", "vui lòng gửi", "gửi báo giá", "báo giá", "muốn dùng thử",
        "muốn thử", "rất sẵn lòng", "?thú vị", "?quan tâm", "?vâng",
    ],
    not_now: &[
        "chưa phải lúc", "không phải lúc này", "hiện tại chưa", "hiện tại không", "hiện chưa", "lúc này chưa",
        "tạm thời chưa", "tạm thời không", "chưa có nhu cầu", "chưa có kế hoạch", "chưa có ngân sách",
        "không có ngân sách", "hết ngân sách", "còn quá sớm", "không phải ưu tiên", "năm nay không", "năm nay chưa",
        "sang năm", "năm sau", "năm tới", "quý sau", "quý tới", "sau tết", "sau hè", "vài tháng nữa", "ba tháng nữa",
        "sáu tháng nữa", "để sau", "lúc khác", "dịp khác", "liên hệ lại", "liên lạc lại", "hợp đồng đến",
        "?hiện tại", "?tạm thời",
    ],
    not_interested: &[
        "không quan tâm", "không có nhu cầu", "không cần", "không, cảm ơn", "không cám ơn", "cảm ơn nhưng không",
        "không phù hợp", "không có hứng thú", "đã có nhà cung cấp", "đang sử dụng", "đã sử dụng", "đã có đối tác",
        "hài lòng với", "đã chọn", "từ chối", "?rất tiếc", "?xin lỗi",
    ],
    wrong_person: &[
        "không phải người phụ trách", "không phụ trách", "không phải là người", "nhầm người", "sai người",
        "không thuộc trách nhiệm", "không còn làm việc", "đã nghỉ việc", "người phụ trách là", "người phụ trách",
        "chịu trách nhiệm", "phụ trách mảng", "liên hệ với", "vui lòng liên hệ", "đồng nghiệp của tôi",
        "đồng nghiệp", "đã chuyển", "chuyển tiếp", "tôi cc", "?phụ trách",
    ],
    question: &[
        "giá bao nhiêu", "bao nhiêu tiền", "chi phí bao nhiêu", "chi phí thế nào", "giá cả thế nào",
        "hoạt động như thế nào", "hoạt động thế nào", "như thế nào", "mất bao lâu", "bao lâu", "có thể giải thích",
        "có thể cho biết", "có hỗ trợ", "có được không", "có không", "được không", "ở đâu", "bạn là ai", "khác nhau",
        "là gì", "?câu hỏi", "?hỏi", "?giá",
    ],
    meeting: &[
        "đặt lịch", "hẹn gặp", "sắp xếp cuộc họp", "sắp xếp cuộc gọi", "sắp xếp một buổi", "một cuộc họp",
        "một cuộc gọi", "gọi cho tôi", "gọi điện", "trao đổi qua điện thoại", "có thể nói chuyện", "gặp nhau",
        "tôi rảnh", "khi nào rảnh", "khi nào tiện", "thời gian nào", "gửi lời mời", "lịch họp", "?tuần sau",
        "?tuần tới", "?ngày mai", "?cuộc họp",
    ],
    negations: &["khong", "chua", "chang", "dung"],
};

#[rustfmt::skip]
pub(super) static ID: Words = Words {
    tag: "id",
    interested: &[
        "terdengar menarik", "kedengarannya menarik", "kelihatannya menarik", "sangat menarik", "saya tertarik",
        "kami tertarik", "cukup tertarik", "berminat dengan", "saya berminat", "kami berminat", "ingin tahu lebih",
        "ingin mengetahui lebih", "informasi lebih lanjut", "info lebih lanjut", "lebih detail", "lebih lanjut",
        "kirimkan saya", "tolong kirim", "mohon kirim*", "boleh kirim", "kirim penawaran", "minta penawaran",
        "penawaran harga", "ingin mencoba", "ingin coba", "dengan senang hati", "boleh banget", "?menarik",
        "?tertarik", "?ya", "?boleh",
    ],
    not_now: &[
        "tidak sekarang", "bukan sekarang", "belum sekarang", "saat ini belum", "saat ini tidak",
        "untuk saat ini belum", "untuk saat ini tidak", "sementara ini belum", "sementara ini tidak",
        "belum waktunya", "bukan waktu yang tepat", "waktunya belum tepat", "waktunya kurang tepat", "terlalu dini",
        "bukan prioritas", "tahun ini tidak", "tahun ini belum", "belum ada anggaran", "tidak ada anggaran",
        "anggaran sudah", "tahun depan", "kuartal depan", "setelah lebaran", "setelah liburan",
        "beberapa bulan lagi", "tiga bulan lagi", "enam bulan lagi", "lain kali", "lain waktu", "hubungi saya lagi",
        "hubungi kami lagi", "hubungi lagi", "kontrak sampai", "sedang sibuk", "?saat ini", "?nanti",
    ],
    not_interested: &[
        "tidak tertarik", "tidak berminat", "kurang tertarik", "tidak terima kasih", "terima kasih tapi tidak",
        "tidak membutuhkan", "tidak butuh", "tidak perlu", "belum membutuhkan", "tidak cocok", "tidak relevan",
        "sudah punya", "sudah memiliki", "sudah menggunakan", "sudah pakai", "sudah bekerja sama", "kami puas",
        "memilih vendor lain", "menolak", "?maaf", "?sayangnya", "?tidak",
    ],
    wrong_person: &[
        "bukan orang yang tepat", "salah orang", "bukan bagian saya", "bukan wewenang saya",
        "bukan tanggung jawab saya", "tidak menangani", "tidak bertanggung jawab", "sudah tidak bekerja",
        "tidak lagi bekerja", "orang yang tepat", "yang bertanggung jawab", "yang menangani", "penanggung jawab",
        "silakan hubungi", "silahkan hubungi", "mohon hubungi", "bisa hubungi", "rekan saya", "kolega saya",
        "teruskan ke", "saya teruskan", "sudah saya teruskan", "?rekan",
    ],
    question: &[
        "berapa harga", "berapa biaya", "harganya berapa", "biayanya berapa", "bagaimana cara", "bagaimana kerjanya",
        "berapa lama", "berapa", "bisa jelaskan", "bisakah anda", "apakah ada", "apakah bisa", "apakah mendukung",
        "apakah", "di mana", "siapa anda", "dari mana", "apa bedanya", "apa itu", "?pertanyaan", "?harga",
    ],
    meeting: &[
        "atur jadwal", "jadwalkan", "menjadwalkan", "atur pertemuan", "atur meeting", "bisa meeting", "bisa bicara",
        "mari bicara", "mari bertemu", "bisa bertemu", "telepon saya", "hubungi saya di", "saya bisa hari",
        "saya ada waktu", "saya luang", "kapan bisa", "kapan ada waktu", "kirim undangan", "undangan kalender",
        "lewat zoom", "via zoom", "?pertemuan", "?minggu depan", "?besok",
    ],
    negations: &["tidak", "bukan", "belum", "tak", "jangan"],
};
