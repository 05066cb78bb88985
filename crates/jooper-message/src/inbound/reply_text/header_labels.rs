//! Labels of quoted header blocks by field, as mail clients write them in their languages.

use super::header_block::Field;

/// Every name of each field, any case and accents.
#[rustfmt::skip]
pub(super) const LABELS: &[(Field, &[&str])] = &[
    (
        Field::From,
        &[
            "From", "Sender", "Von", "Absender", "De", "Expéditeur", "De la", "Remitente", "Remetente", "Da",
            "Mittente", "Van", "Afzender", "Fra", "Afsender", "Avsender", "Från", "Avsändare", "Lähettäjä",
            "Keneltä", "Frá", "Saatja", "Kellelt", "No", "Sūtītājs", "Nuo", "Siuntėjas", "Od", "Nadawca",
            "Odesílatel", "Odosielateľ", "Pošiljatelj", "Pošiljalac", "Šalje", "Шаље", "Feladó", "Expeditor", "Από", "Αποστολέας",
            "От", "От кого", "Отправитель", "Від", "Від кого", "Відправник", "Подател", "Од", "Kimden", "Gönderen",
            "מאת", "من", "المرسل", "از", "فرستنده", "จาก", "ผู้ส่ง", "Từ", "Người gửi", "Dari", "Daripada",
            "Pengirim", "Nga", "प्रेषक", "差出人", "送信者", "发件人", "寄件者", "寄件人", "發件人", "보낸 사람", "보낸사람", "발신", "보낸이",
        ],
    ),
    (
        Field::Date,
        &[
            "Sent", "Date", "Date Sent", "Sent at", "Gesendet", "Gesendet am", "Datum", "Envoyé", "Envoyé le",
            "Date d'envoi", "Envoyée", "Enviado", "Enviado el", "Enviado em", "Enviada em", "Enviada", "Fecha",
            "Fecha de envío", "Data", "Inviato", "Inviata", "Data invio", "Verzonden", "Verstuurd", "Sendt", "Dato",
            "Skickat", "Skickades", "Lähetetty", "Päivämäärä", "Päiväys", "Sendur", "Dagsetning", "Saadetud",
            "Kuupäev", "Nosūtīts", "Datums", "Išsiųsta", "Wysłano", "Wysłane", "Odesláno", "Odoslané", "Dátum",
            "Poslano", "Poslato", "Elküldve", "Küldve", "Trimis", "Trimisă", "Στάλθηκε", "Ημερομηνία", "Отправлено",
            "Дата", "Дата и время", "Отправлен", "Надіслано", "Відправлено", "Изпратено", "Датум", "Gönderildi",
            "Gönderilme", "Gönderme Tarihi", "Gönderilme Tarihi", "Tarih", "נשלח", "תאריך", "تاريخ الإرسال",
            "التاريخ", "أرسلت", "تم الإرسال", "تاريخ", "تاریخ", "ส่ง", "วันที่", "วันที่ส่ง", "Đã gửi", "Ngày",
            "Ngày gửi", "Dikirim", "Terkirim", "Tanggal", "Dihantar", "Tarikh", "Dërguar", "दिनांक", "送信日時", "送信日",
            "日時", "日付", "发送时间", "发送日期", "发件时间", "寄件日期", "傳送日期", "發送時間", "日期", "时间", "時間", "보낸 날짜", "보낸날짜", "날짜",
            "발신일시", "보낸시간",
        ],
    ),
    (
        Field::To,
        &[
            "To", "An", "Empfänger", "À", "A", "Pour", "Destinataire", "Para", "Destinatario", "Destinatário", "Aan",
            "Ontvanger", "Til", "Modtager", "Till", "Mottagare", "Vastaanottaja", "Kenelle", "Kellele", "Kam",
            "Adresāts", "Skirta", "Gavėjas", "Do", "Adresat", "Komu", "Příjemce", "Za", "Prima", "Címzett", "Către",
            "Catre", "Προς", "Кому", "Получатель", "До", "Получател", "За", "Kime", "Alıcı", "אל", "נמען", "إلى",
            "الى", "به", "گیرنده", "ถึง", "ผู้รับ", "Đến", "Tới", "Người nhận", "Kepada", "Ke", "Untuk", "Për",
            "प्राप्तकर्ता", "宛先", "收件人", "收件者", "받는 사람", "받는사람", "수신",
        ],
    ),
    (
        Field::Copy,
        &[
            "Cc", "Bcc", "Cci", "Cco", "Kopie", "Kopi", "Kopia", "Copie", "Copie à", "Copia", "Cópia", "Con copia",
            "Kopio", "DW", "UDW", "Másolatot kap", "Másolat", "Kópia", "Копия", "Копія", "Копие", "Κοιν",
            "Κοινοποίηση", "Bilgi", "Afrit", "Koopia", "Kopija", "עותק", "העתק", "نسخة", "نسخة إلى", "رونوشت",
            "สำเนา", "สำเนาถึง", "Tembusan", "抄送", "副本", "참조", "숨은참조", "写し",
        ],
    ),
    (
        Field::Subject,
        &[
            "Subject", "Betreff", "Betrifft", "Thema", "Objet", "Asunto", "Assunto", "Oggetto", "Onderwerp", "Emne", "Ämne",
            "Aihe", "Efni", "Teema", "Temats", "Tēma", "Tema", "Temat", "Předmět", "Predmet", "Věc", "Vec", "Naslov",
            "Zadeva", "Tárgy", "Subiect", "Θέμα", "Тема", "Относно", "Наслов", "Konu", "Ynt", "נושא", "הנדון",
            "الموضوع", "موضوع", "เรื่อง", "หัวข้อ", "Chủ đề", "Tiêu đề", "Perihal", "Subjek", "Subyek", "Subjekti",
            "Assumpte", "विषय", "件名", "主题", "主旨", "主題", "标题", "제목",
        ],
    ),
    (
        Field::Other,
        &[
            "Reply-To", "Antwort an", "Répondre à", "Responder a", "Rispondi a", "Importance", "Priority",
            "Wichtigkeit", "Importancia", "Importância", "Priorité", "Importanza", "Prioriteit", "Urgentie",
            "Prioritet", "Viktighet", "Attachments", "Anlagen", "Anhänge", "Pièces jointes", "Datos adjuntos",
            "Anexos", "Allegati", "Bijlagen", "Vedhæftede filer", "Bilagor", "Liitteet", "Załączniki", "Přílohy",
            "Вложения", "Ekler", "添付ファイル", "附件", "첨부", "Message-ID", "Organization", "Sensitivity",
            "Vertraulichkeit", "重要度", "优先级", "Newsgroups",
        ],
    ),
];
