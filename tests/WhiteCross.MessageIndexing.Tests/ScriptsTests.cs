using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class ScriptsOnSqliteTests(PostgresServer postgres) : ScriptsTests(DatabaseKind.Sqlite, postgres);

public sealed class ScriptsOnPostgresTests(PostgresServer postgres) : ScriptsTests(DatabaseKind.Postgres, postgres);

/// <summary>Names and words as clinics write them, in many languages: what finds what, and where it is marked. The same on either database.</summary>
public abstract class ScriptsTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    /// <summary>Language, message, query, and what is marked of the message; null where the query must not find it.</summary>
    public static TheoryData<string, string, string, string?> Cases => new()
    {
        { "German", "Termin in der Königstraße", "KÖNIGSTRASSE", "Königstraße" },
        { "German", "Überweisung für Frau Müller", "uberweisung", "Überweisung" },
        { "German", "Blutdruckmessung um zehn", "blutdruck*", "Blutdruckmessung" },
        { "French", "Résultats de l'échographie", "resultats", "Résultats" },
        { "French", "une œdème du genou", "oedème", "œdème" },
        { "Spanish", "Cita con la señora Ibáñez", "ibanez", "Ibáñez" },
        { "Spanish", "mañana no", "manana", "mañana" },
        { "Portuguese", "A medicação da manhã", "MEDICACAO", "medicação" },
        { "Italian", "perché è così", "perche", "perché" },
        { "Danish", "Bestilt hos læge Østergård", "ostergard", "Østergård" },
        { "Danish", "Bestilt hos læge", "laege", "læge" },
        { "Norwegian", "Pasienten fra Tromsø", "tromso", "Tromsø" },
        { "Icelandic", "Sigríður Þórðardóttir", "thordardottir", "Þórðardóttir" },
        { "Polish", "Łukasz ma gorączkę", "lukasz", "Łukasz" },
        { "Polish", "Łukasz ma gorączkę", "GORACZKE", "gorączkę" },
        { "Czech", "Příští vyšetření", "pristi vysetreni", "Příští" },
        { "Hungarian", "Az orvos győri", "gyori", "győri" },
        { "Romanian", "Pacientul Ștefan", "stefan", "Ștefan" },
        { "Turkish", "İstanbul'dan geldi", "istanbul", "İstanbul" },
        { "Turkish", "ağrısı arttı", "agrisi", "ağrısı" },
        { "Vietnamese", "Bệnh nhân Nguyễn Văn Đức", "nguyen van duc", "Nguyễn" },
        { "Vietnamese", "Be\u0323\u0302nh nha\u0302n", "bệnh nhân", "Be\u0323\u0302nh" },
        { "Greek", "Εξέταση αίματος αύριο", "εξεταση", "Εξέταση" },
        { "Greek", "Ο ασθενής Οδυσσέας", "ΟΔΥΣΣΕΑΣ", "Οδυσσέας" },
        { "Greek", "Ο ασθενής Οδυσσέας", "ασθενησ", "ασθενής" },
        { "Russian", "Анализ крови готов", "АНАЛИЗ", "Анализ" },
        { "Russian", "Прие\u0308м у врача", "приём", "Прие\u0308м" },
        { "Russian", "Пациент Арте\u0308м ждет", "артем", "Арте\u0308м" },
        { "Russian", "Сергеи\u0306 пришел", "Сергей", "Сергеи\u0306" },
        { "Ukrainian", "Їжа двічі на день", "іжа", "Їжа" },
        { "Bulgarian", "Кръвно налягане", "НАЛЯГАНЕ", "налягане" },
        { "Hebrew", "בְּדִיקַת דָּם", "בדיקת", "בְּדִיקַת" },
        { "Arabic", "نتائج تَحْلِيل الدم", "تحليل", "تَحْلِيل" },
        { "Arabic", "المريض أحمد", "احمد", "أحمد" },
        { "Arabic", "الجرعة ٣ مرات", "3", "٣" },
        { "Arabic", "مستشفـــى المدينة", "مستشفى", "مستشفـــى" },
        { "Persian", "می\u200Cخواهم بیمار", "میخواهم", "می\u200Cخواهم" },
        { "Persian", "دکتر کریمی", "دكتر كريمي", "دکتر" },
        { "Urdu", "مریض ٹھیک", "ٹھیک", "ٹھیک" },
        { "Hindi", "रक्त की जाँच", "रक्त", "रक्त" },
        { "Hindi", "क़लम और काग़ज़", "कलम", "क़लम" },
        { "Hindi", "पिता आए", "पता", null },
        { "Bengali", "রক্ত পরীক্ষা", "পরীক্ষা", "পরীক্ষা" },
        { "Tamil", "இரத்த பரிசோதனை", "இரத்த", "இரத்த" },
        { "Chinese", "请明天早上空腹来验血然后吃饭", "验血", "验血" },
        { "Chinese", "请明天早上空腹来验血然后吃饭", "血", "血" },
        { "Chinese", "先抽血再验", "验血", null },
        { "Chinese", "体温３８．５度", "38", "３８" },
        { "Japanese", "明日の血液検査は九時です", "血液検査", "血液検査" },
        { "Japanese", "ｶﾙﾃを見てください", "カルテ", "ｶﾙﾃ" },
        { "Japanese", "ガーゼを交換", "か", null },
        { "Japanese", "がんの治療", "かん", null },
        { "Korean", "혈액검사를 예약했습니다", "혈액검사", "혈액검사" },
        { "Korean", "\u1112\u1167\u11AF\u110B\u1162\u11A8 검사", "혈액", "\u1112\u1167\u11AF\u110B\u1162\u11A8" },
        { "Thai", "ผู้ป่วยต้องตรวจเลือดพรุ่งนี้", "ตรวจเลือด", "ตรวจเลือด" },
        { "Thai", "นัดหมอวันจันทร์", "หมอ", "หมอ" },
        { "Lao", "ໄປໂຮງໝໍມື້ອື່ນ", "ໂຮງໝໍ", "ໂຮງໝໍ" },
        { "Khmer", "ទៅមន្ទីរពេទ្យថ្ងៃស្អែក", "ពេទ្យ", "ពេទ្យ" },
        { "Burmese", "ဆေးရုံသွားမယ်", "ဆေးရုံ", "ဆေးရုံ" },
        { "Georgian", "სისხლის ანალიზი", "ანალიზი", "ანალიზი" },
        { "Armenian", "Արյան ստուգում", "արյան", "Արյան" },
        { "any", "ﬁbrosis was found", "fibrosis", "ﬁbrosis" },
        { "any", "ＦＵＬＬ ｗｉｄｔｈ", "full width", "ＦＵＬＬ" },
        { "any", "hyper\u00ADtension", "hypertension", "hyper\u00ADtension" },
        { "any", "Ⅳ access and H₂O", "h2o", "H₂O" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Word__is_found_and_marked(string language, string message, string query, string? marked)
    {
        var job = Some.Message(message);
        await Service.DeliverAsync(job);

        var results = (await Service.SearchAsync(query)).Results;

        if (marked is null)
        {
            Assert.Empty(results);
            return;
        }

        var found = Assert.Single(results, result => result.MessageId == job.MessageId);
        Assert.True(found.Snippet.Contains($"<mark>{marked}", StringComparison.Ordinal), $"{language}: {found.Snippet}");
    }

    [Fact]
    public async Task Beginning_of_a_word__in_a_script_without_spaces__and_excluded_words()
    {
        var (blood, urine) = (Some.Message("明天验血"), Some.Message("明天验尿"));
        await Service.DeliverAsync(blood);
        await Service.DeliverAsync(urine);

        Assert.Equal([blood.MessageId], await FoundAsync("明天 -验尿"));
        Assert.Equal([urine.MessageId], await FoundAsync("\"验尿\""));
        Assert.Equal(2, (await FoundAsync("验*")).Count());
    }

    [Fact]
    public async Task By_time__the_newest_first_over_pages()
    {
        var sent = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            var message = Some.Message(string.Join(' ', Enumerable.Repeat("fever", 7 - i))) with { MessageTimestamp = Some.Morning.AddMinutes(i) };
            await Service.DeliverAsync(message);
            sent.Insert(0, message.MessageId);
        }

        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await Service.SearchAsync("fever", $"&sort=time&limit=3{cursor}");
            seen.AddRange(page.Results.Select(result => result.MessageId));
            cursor = page.NextCursor is null ? null : $"&cursor={page.NextCursor}";
        }
        while (cursor is not null);

        Assert.Equal(sent, seen);
    }
}
