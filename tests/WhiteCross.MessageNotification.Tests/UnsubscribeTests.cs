using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>One click ends mail of a kind, without logging in; and files go with mails.</summary>
public sealed class UnsubscribeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_click__unsubscribes_from_the_category__and_a_look_at_the_link_does_not()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(server);
        var reminder = Some.Email() with { Category = NotificationCategory.Reminder };
        await service.CompleteAsync(reminder);
        var mail = Assert.Single(server.Mails);
        var link = new Uri(mail.Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>'));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers["List-Unsubscribe-Post"]);
        Assert.Equal("https://api.example.org", link.GetLeftPart(UriPartial.Authority));
        Assert.DoesNotContain(Some.Recipient.ToString(), link.AbsoluteUri, StringComparison.Ordinal);

        // Scanners follow links.
        using var look = await service.Http.GetAsync(link.AbsolutePath, Token);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (look.StatusCode, look.Content.Headers.ContentType!.MediaType));
        Assert.Equal(NotificationState.Sent, (await service.CompleteAsync(reminder)).Result);

        Assert.Equal(HttpStatusCode.OK, await ClickAsync(service, link.AbsolutePath));
        Assert.Equal(HttpStatusCode.OK, await ClickAsync(service, link.AbsolutePath));

        var after = await service.CompleteAsync(reminder);
        Assert.Equal((NotificationState.Suppressed, "opted_out"), (after.Result, after.Reason));
        Assert.Equal(NotificationState.Sent, (await service.CompleteAsync(Some.Email())).Result);
        Assert.Contains("\"categories\":{\"reminder\":[\"email\"]}", await service.Http.GetStringAsync($"/users/{Some.Recipient}/notification-preferences", Token), StringComparison.Ordinal);
        Assert.Contains("\"state\":\"unsubscribed\"", await service.Http.GetStringAsync($"/users/{Some.Recipient}/notifications?channel=email", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_that_is_not_ours__or_of_another_user__does_nothing()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(server);
        await service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Reminder });
        var path = new Uri(Assert.Single(server.Mails).Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>')).AbsolutePath;
        var at = path.LastIndexOf('/') + 1;

        // Each character of the token.
        for (var i = at; i < path.Length; i += 7)
        {
            Assert.Equal(HttpStatusCode.NotFound, await ClickAsync(service, $"{path[..i]}{(path[i] == 'A' ? 'B' : 'A')}{path[(i + 1)..]}"));
        }

        Assert.Equal(HttpStatusCode.NotFound, await ClickAsync(service, path[..^4]));
        Assert.Equal(HttpStatusCode.NotFound, await ClickAsync(service, $"{path[..at]}x"));
        Assert.Equal(NotificationState.Sent, (await service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Reminder })).Result);
    }

    [Fact]
    public async Task One_time_code__has_no_such_link__and_without_settings_no_mail_has()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(server);
        await service.CompleteAsync(Some.Email() with { Category = NotificationCategory.OneTimeCode });
        await using var without = await NotificationService.StartAsync(EmailTests.Settings(server));
        await without.CompleteAsync(Some.Email());

        Assert.Equal(2, server.Mails.Count);
        Assert.All(server.Mails, mail => Assert.False(mail.Headers.Contains(HeaderId.ListUnsubscribe)));
    }

    [Fact]
    public async Task Files__go_with_the_mail_byte_for_byte__and_the_envelope_names_where_bounces_go()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(new(EmailTests.Settings(server)) { ["Email:ReturnPath"] = "bounces@white-cross.test" });
        byte[] pdf = [.. Enumerable.Range(0, 3_000).Select(i => (byte)i)];
        var text = Encoding.UTF8.GetBytes("a bare\nline end\r\n.\r\nand a dot");

        await service.CompleteAsync(Some.Email() with
        {
            EmailPayload = new EmailPayload
            {
                Subject = "Result",
                HtmlBody = "<p>See the file.</p>",
                Attachments =
                [
                    new EmailAttachment { FileName = "Ergebnis ü.pdf", ContentType = "application/pdf", Content = pdf },
                    new EmailAttachment { FileName = "a.txt", ContentType = "text/plain", Content = text },
                ],
            },
        });

        var parts = Assert.Single(server.Mails).Attachments.Cast<MimePart>().ToArray();
        Assert.Equal(["Ergebnis ü.pdf", "a.txt"], parts.Select(part => part.FileName));
        Assert.Equal("application/pdf", parts[0].ContentType.MimeType);
        Assert.Equal(pdf, Decode(parts[0]));
        Assert.Equal(text, Decode(parts[1]));
        Assert.Contains(server.Commands, command => Regex.IsMatch(command, "^MAIL FROM:<bounces@white-cross.test>"));
    }

    private static byte[] Decode(MimePart part)
    {
        using var bytes = new MemoryStream();
        part.Content!.DecodeTo(bytes);
        return bytes.ToArray();
    }

    private static Task<NotificationService> StartAsync(SmtpServer server) => NotificationService.StartAsync(new(EmailTests.Settings(server))
    {
        ["Notifications:PublicUrl"] = "https://api.example.org",
        ["Notifications:LinkKey"] = "a-secret-of-at-least-32-characters-in-all",
    });

    private static async Task<HttpStatusCode> ClickAsync(NotificationService service, string path)
    {
        using var content = new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded");
        using var response = await service.Http.PostAsync(path, content, Token);
        return response.StatusCode;
    }
}
