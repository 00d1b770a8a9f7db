using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class SearchOnSqliteTests(PostgresServer postgres) : SearchTests(DatabaseKind.Sqlite, postgres);

public sealed class SearchOnPostgresTests(PostgresServer postgres) : SearchTests(DatabaseKind.Postgres, postgres);

/// <summary>From a delivered job to what a search finds.</summary>
public abstract class SearchTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    [Theory]
    [InlineData("fever", "He has a fever.")]
    [InlineData("tests", "Your TESTING is done")]
    [InlineData("medicat*", "Take the medication twice")]
    [InlineData("medicati*", "Take the medication twice")]
    [InlineData("\"blood test\"", "The blood tests are back")]
    [InlineData("\"blood te\"*", "The blood tests are back")]
    [InlineData("tests blood", "The blood tests are back")]
    [InlineData("blood -urgent", "The blood tests are back")]
    [InlineData("follow-up", "A follow up in May")]
    [InlineData("follow", "A follow-up in May")]
    [InlineData("results", "See lab/results.pdf at https://lab.example/results")]
    [InlineData("37.5", "Temperature 37.5 °C")]
    [InlineData("o'brien", "Ask Mr O'Brien")]
    [InlineData("jose", "José is well")]
    [InlineData("JOSÉ", "jose is well")]
    [InlineData("the", "The end")]
    [InlineData("привет", "ПРИВЕТ, доктор")]
    [InlineData("भारत", "यह भारत है")]
    [InlineData("体温*", "体温三十七度")]
    [InlineData("\"a\"\"b\"", "a b")]
    [InlineData("fever & chills", "chills, then a fever")]
    public async Task Finds(string query, string content)
    {
        var message = Some.Message(content);
        await Service.DeliverAsync(message);
        await Service.DeliverAsync(Some.Message("Nothing of interest"));

        Assert.Equal([message.MessageId], await FoundAsync(query));
    }

    [Theory]
    [InlineData("fever chills", "He has a fever")]
    [InlineData("\"test blood\"", "The blood test")]
    [InlineData("\"blood test\"", "blood and test")]
    [InlineData("blood -test", "Blood tests are back")]
    [InlineData("blood -\"test result\"", "Blood test results are back")]
    [InlineData("blood -tes*", "Blood tests are back")]
    [InlineData("med", "The medication")]
    [InlineData("dication*", "The medication")]
    [InlineData("fever OR nothing", "a fever")]
    public async Task Does_not_find(string query, string content)
    {
        await Service.DeliverAsync(Some.Message(content));

        Assert.Empty(await FoundAsync(query));
    }

    [Fact]
    public async Task Only_sender_and_recipient_find_a_message()
    {
        var message = Some.Message("fever");
        await Service.DeliverAsync(message);
        await Service.DeliverAsync(message with { MessageId = Guid.NewGuid(), SenderId = null, RecipientId = null });

        Assert.Equal([message.MessageId], await FoundAsync("fever", user: Some.Nurse));
        Assert.Equal([message.MessageId], await FoundAsync("fever", user: Some.Parent));
        Assert.Empty(await FoundAsync("fever", user: Guid.NewGuid()));
        Assert.Empty(await FoundAsync("fever", user: message.ConversationId));
    }

    [Fact]
    public async Task Filters_by_conversation_and_time()
    {
        var conversation = Guid.NewGuid();
        var early = Some.Message("fever") with { ConversationId = conversation };
        var late = Some.Message("fever") with { MessageTimestamp = Some.Morning.AddDays(1) };
        await Service.DeliverAsync(early);
        await Service.DeliverAsync(late);

        Assert.Equal([late.MessageId, early.MessageId], await FoundAsync("fever"));
        Assert.Equal([early.MessageId], await FoundAsync("fever", $"&conversationId={conversation}"));
        Assert.Equal([early.MessageId], await FoundAsync("fever", "&to=2026-03-04"));
        Assert.Equal([late.MessageId], await FoundAsync("fever", "&from=2026-03-05"));
        Assert.Equal([early.MessageId], await FoundAsync("fever", "&from=2026-03-04T05:06:07Z&to=2026-03-04T05:06:07Z"));
        Assert.Equal([early.MessageId], await FoundAsync("fever", "&from=2026-03-04T06:06:07%2B01:00&to=2026-03-05T00:00Z"));
        Assert.Empty(await FoundAsync("fever", "&from=2026-03-04T05:06:07.001Z&to=2026-03-04"));
    }

    [Fact]
    public async Task Answer_says_all_of_a_message()
    {
        var message = Some.Message("He has a <b>fever</b> & chills; 'fevers' come and go");
        await Service.DeliverAsync(message);

        var answer = await Service.SearchAsync("fever");

        var result = Assert.Single(answer.Results);
        Assert.Equal(
            (message.MessageId, message.ConversationId, message.SenderId, message.RecipientId, Some.Morning),
            (result.MessageId, result.ConversationId, result.SenderId, result.RecipientId, result.MessageTimestamp));
        Assert.Equal("He has a &lt;b&gt;<mark>fever</mark>&lt;/b&gt; &amp; chills; &#39;<mark>fevers</mark>&#39; come and go", result.Snippet);
        Assert.True(result.Score > 0);
        Assert.Null(answer.NextCursor);
    }

    [Fact]
    public async Task Best_comes_first__among_equals_the_newest()
    {
        var once = Some.Message("A fever was mentioned somewhere in this longer message about school, lunch and the weather of the week");
        var often = Some.Message("Fever, fever!");
        var older = Some.Message("fever pills") with { MessageTimestamp = Some.Morning.AddHours(-1) };
        var newer = Some.Message("fever pills") with { MessageTimestamp = Some.Morning.AddHours(1) };
        await Service.DeliverBulkAsync(new[] { once, older, often, newer }.Select((message, i) => ($"bulk-{i}", IndexingService.DataOf(message))));

        var found = (await Service.SearchAsync("fever")).Results;

        Assert.Equal(often.MessageId, found[0].MessageId);
        Assert.Equal([newer.MessageId, older.MessageId], found.Where(result => result.Snippet.Contains("pills", StringComparison.Ordinal)).Select(result => result.MessageId));
        Assert.Equal(once.MessageId, found[^1].MessageId);
        Assert.Equal(found.Select(result => result.Score).OrderDescending(), found.Select(result => result.Score));
    }

    [Fact]
    public async Task Pages__show_each_message_once__though_others_come_and_go()
    {
        var messages = Enumerable.Range(0, 23)
            .Select(i => Some.Message($"fever {string.Join(' ', Enumerable.Repeat("word", i % 5))}") with { MessageTimestamp = Some.Morning.AddSeconds(i / 2) })
            .ToList();
        await Service.DeliverBulkAsync(messages.Select((message, i) => ($"bulk-{i}", IndexingService.DataOf(message))));
        var expected = (await FoundAsync("fever", "&limit=100")).ToList();
        Assert.Equal(23, expected.Count);

        var seen = new List<Guid>();
        var cursor = "";
        do
        {
            var page = await Service.SearchAsync("fever", $"&limit=5{cursor}");
            Assert.InRange(page.Results.Count, 1, 5);
            seen.AddRange(page.Results.Select(result => result.MessageId));
            cursor = page.NextCursor is { } next ? $"&cursor={next}" : null;

            // Moves every score a little; is itself found last.
            await Service.DeliverAsync(Some.Message($"unrelated {string.Join(' ', Enumerable.Repeat("words of no interest", 20))}"));
        }
        while (cursor is not null);

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Page_goes_on_where_it_was__when_its_last_message_is_deleted()
    {
        var messages = Enumerable.Range(0, 6).Select(i => Some.Message("fever") with { MessageTimestamp = Some.Morning.AddSeconds(-i) }).ToList();
        await Service.DeliverBulkAsync(messages.Select((message, i) => ($"bulk-{i}", IndexingService.DataOf(message))));
        var first = await Service.SearchAsync("fever", "&limit=3");
        Assert.Equal(messages.Take(3).Select(message => message.MessageId), first.Results.Select(result => result.MessageId));

        await Service.DeliverAsync(new() { MessageId = messages[2].MessageId, Operation = Jobs.Contracts.IndexOperation.Delete });
        var found = await FoundAsync("fever", $"&limit=10&cursor={first.NextCursor}");

        Assert.True(found.Count() is 3, "The three that were not shown.");
        Assert.DoesNotContain(found, id => messages.Take(3).Any(message => message.MessageId == id));
    }
}
