using System.Text;
using System.Text.RegularExpressions;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>What goes over the wire is mail as the RFCs have it, whatever a job says.</summary>
public sealed partial class MailFormatTests
{
    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("a\r.\r\nMAIL FROM:<x@y.test>")]
    [InlineData("a\n.\nb\r\n.\rc")]
    public async Task Line_ends__are_CRLF_in_every_part_and_header(string text)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));

        await service.CompleteAsync(Some.Email() with { Title = text, Message = text });
        await service.CompleteAsync(Some.Email() with { EmailPayload = new EmailPayload { Subject = "A subject", HtmlBody = $"<p>{text}</p>", TextBody = text } }, jobId: "job-2");

        Assert.Equal(2, server.Mails.Count);
        Assert.All(server.RawMails, raw => Assert.DoesNotMatch(BareEnd(), Encoding.UTF8.GetString(raw)));
        Assert.All(server.Mails, mail => Assert.DoesNotMatch("\\r(?!\\n)", mail.TextBody + mail.HtmlBody + mail.Subject));
        Assert.DoesNotContain(server.Commands, command => command.Contains("x@y.test", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Encoded_words__have_at_most_75_characters__and_lines_76()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        string[] subjects = [string.Concat(Enumerable.Repeat("äöü", 60)), string.Join(" ", Enumerable.Repeat("明日の予約", 25)), string.Concat(Enumerable.Repeat("診", 190))];

        for (var i = 0; i < subjects.Length; i++)
        {
            await service.CompleteAsync(Some.Email() with { Title = subjects[i] }, jobId: $"job-{i}");
        }

        Assert.Equal(subjects, server.Mails.Select(mail => mail.Subject));
        foreach (var raw in server.RawMails.Select(Encoding.UTF8.GetString))
        {
            Assert.All(EncodedWord().Matches(raw), word => Assert.InRange(word.Length, 1, 75));
            Assert.All(raw.Split("\r\n"), line => Assert.InRange(line.Length, 0, 76));
        }
    }

    [Fact]
    public async Task Domain_in_any_script__goes_out_in_ASCII()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));

        await service.CompleteAsync(Some.Email() with { RecipientEmail = "ada@krankenhäuser.example" });

        Assert.Contains(server.Commands, command => command.StartsWith("RCPT TO:<ada@xn--krankenhuser-ncb.example>", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Text_part__is_made_from_HTML_where_it_is_missing__and_answers_go_where_they_should()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(new(EmailTests.Settings(server)) { ["Email:ReplyTo"] = "desk@hospital.test" });
        const string Html = "<html><head><style>p{}</style></head><body><h1>Results</h1><p>They are&nbsp;in,\n <b>Ada</b>.</p><ul><li>one<li>two</ul><a href=\"https://white.cross/r\">Open</a><script>x()</script></body></html>";

        await service.CompleteAsync(Some.Email() with { EmailPayload = new EmailPayload { Subject = "Results", HtmlBody = Html } });

        var mail = Assert.Single(server.Mails);
        Assert.Equal("Results\n\nThey are in, Ada.\n\n- one\n- two\n\nOpen <https://white.cross/r>", mail.TextBody!.ReplaceLineEndings("\n").Trim());
        Assert.Equal("desk@hospital.test", mail.ReplyTo.Mailboxes.Single().Address);
    }

    [GeneratedRegex("\\r(?!\\n)|(?<!\\r)\\n")]
    private static partial Regex BareEnd();

    [GeneratedRegex(@"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")]
    private static partial Regex EncodedWord();
}
