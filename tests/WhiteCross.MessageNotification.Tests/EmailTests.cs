using System.Text.Json;
using MimeKit;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

public sealed class EmailTests(PostgresServer postgres) : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mail_goes_out_by_TLS__logged_in__as_text_and_HTML(bool fromTheFirstByte)
    {
        await using var server = new SmtpServer(_certificates) { Tls = fromTheFirstByte, Login = ("white-cross", "secret") };
        await using var service = await NotificationService.StartAsync(new(Settings(server))
        {
            ["Email:Security"] = fromTheFirstByte ? "Tls" : "StartTls",
            ["Email:CertificateAuthority"] = _certificates.AuthorityFile,
            ["Email:UserName"] = "white-cross",
            ["Email:Password"] = "secret",
        });

        var result = await service.CompleteAsync(Some.Email() with { Priority = NotificationPriority.Urgent });

        var mail = Assert.Single(server.Mails);
        Assert.True(Assert.Single(server.MailsByTls));
        Assert.Equal((NotificationState.Sent, $"<{mail.MessageId}>"), (result.Result, result.ProviderId));
        Assert.Equal("Your appointment", mail.Subject);
        Assert.Equal(Some.Address, Assert.IsType<MailboxAddress>(Assert.Single(mail.To)).Address);
        Assert.Equal("no-reply@hospital.test", Assert.IsType<MailboxAddress>(Assert.Single(mail.From)).Address);
        Assert.Equal("Tomorrow at 9 <sharp>.", mail.TextBody!.TrimEnd());
        Assert.Contains("Tomorrow at 9 &lt;sharp&gt;.", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Equal((NotificationService.Start, MessagePriority.Urgent), (mail.Date, mail.Priority));
    }

    [Fact]
    public async Task Server_offers_no_TLS__nothing_is_said_to_it()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(new(Settings(server)) { ["Email:Security"] = "StartTls" });

        var retry = Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email()));

        Assert.Contains("Email:Security", retry.Reason!, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, command => command.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Certificate_of_a_stranger__is_not_trusted()
    {
        using var others = new TestCertificates(TestParty.OtherAuthority);
        await using var server = new SmtpServer(others);
        await using var service = await NotificationService.StartAsync(new(Settings(server))
        {
            ["Email:Security"] = "StartTls",
            ["Email:CertificateAuthority"] = _certificates.AuthorityFile,
        });

        Assert.Contains("certificate", Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email())).Reason!, StringComparison.Ordinal);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task Wrong_password__waits_for_the_operator__and_is_told_by_setting()
    {
        await using var server = new SmtpServer { Login = ("white-cross", "secret") };
        await using var service = await NotificationService.StartAsync(new(Settings(server)) { ["Email:UserName"] = "white-cross", ["Email:Password"] = "wrong" });

        Assert.Contains("Email:UserName", Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email())).Reason!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RCPT", "450 4.2.1 Busy", false)]
    [InlineData("RCPT", "550 5.7.13 <ada.patient@example.org>: not by this sender", true)]
    [InlineData("MAIL", "451 4.3.0 Later", false)]
    [InlineData("MAIL", "553 5.7.1 Not you", true)]
    [InlineData("DATA", "421 4.3.2 Closing", false)]
    [InlineData("DATA", "554 5.6.0 No", true)]
    [InlineData("mail", "452 4.3.1 Full", false)]
    [InlineData("mail", "552 5.3.4 Too big", true)]
    public async Task Refusal__is_transient_with_4xx_and_permanent_with_5xx(string at, string reply, bool isPermanent)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(server));
        var reports = new JobReports();
        if (at == "mail")
        {
            server.MailAnswer = reply;
        }
        else
        {
            server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? reply : null;
        }

        var outcome = await service.RunAsync(Some.Email(), reports);

        var reason = isPermanent ? Assert.IsType<JobOutcome.Fail>(outcome).Reason : Assert.IsType<JobOutcome.Snooze>(outcome).Reason!;
        Assert.Contains(reply[..3], reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Some.Address, reason, StringComparison.Ordinal);

        reports.Attempts = 0;
        (server.Answer, server.MailAnswer) = (_ => null, "250 Ok");
        server.Mails.Clear();
        await service.CompleteAsync(Some.Email(), reports);
        await service.CompleteAsync(Some.Email(), reports);
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Connection__is_kept_for_the_next_mail__and_replaced_when_the_server_has_hung_up()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(server));

        await service.CompleteAsync(Some.Email());
        await service.CompleteAsync(Some.Email());
        Assert.Equal((2, 1), (server.Mails.Count, server.Connections));

        server.HangUp();
        await service.CompleteAsync(Some.Email());
        Assert.Equal((3, 2), (server.Mails.Count, server.Connections));

        service.Time.Advance(TimeSpan.FromMinutes(1));
        await service.CompleteAsync(Some.Email());
        Assert.Equal((4, 3), (server.Mails.Count, server.Connections));
    }

    [Fact]
    public async Task Template__is_rendered__escaped_in_HTML_only()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(server));

        await service.CompleteAsync(Some.Email() with { EmailPayload = Templated("new-message", """{"name":"Ada <b> & Co","link":"https://white.cross/m/1"}""") });

        var mail = Assert.Single(server.Mails);
        Assert.Equal("A new message for Ada <b> & Co", mail.Subject);
        Assert.Contains("Hello Ada &lt;b&gt; &amp; Co,", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("Hello Ada <b> & Co,", mail.TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"de-AT\"", "Servus")]
    [InlineData("\"de-CH\"", "Guten Tag")]
    [InlineData("\"de\"", "Guten Tag")]
    [InlineData("\"fr\"", "Hello")]
    [InlineData("\"../de\"", "Hello")]
    [InlineData("5", "Hello")]
    public async Task Template__is_that_of_the_recipients_language__all_parts_of_one(string locale, string greeting)
    {
        await using var server = new SmtpServer();
        var folder = Directory.CreateTempSubdirectory("templates-test-").FullName;
        foreach (var (file, words) in new[] { ("hello", "Hello"), ("hello.de", "Guten Tag"), ("hello.de-AT", "Servus") })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{file}.html"), $"<p>{words} {{{{name}}}}</p>", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{file}.subject.txt"), $"{words}!", TestContext.Current.CancellationToken);
        }

        await using (var service = await NotificationService.StartAsync(new(Settings(server)) { ["Email:Templates"] = folder }))
        {
            await service.CompleteAsync(Some.Email() with { EmailPayload = Templated("hello", $$"""{"name":"Ada","locale":{{locale}} }""") });
        }

        Directory.Delete(folder, recursive: true);
        var mail = Assert.Single(server.Mails);
        Assert.Equal($"{greeting}!", mail.Subject);
        Assert.Contains($"{greeting} Ada", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains($"{greeting} Ada", mail.TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new-message", """{"link":"x"}""", "name")]
    [InlineData("new-message", """{"link":"x","name":null}""", "name")]
    [InlineData("new-message", """{"name":{"first":"Ada"}}""", "name")]
    [InlineData("no-such", "{}", "emailPayload.templateId")]
    [InlineData("../new-message", "{}", "emailPayload.templateId")]
    public async Task Template_that_cannot_be_rendered__is_a_permanent_error_that_names_what_is_missing(string id, string data, string named)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(server));

        var exception = await Assert.ThrowsAsync<PermanentJobException>(() => service.RunAsync(Some.Email() with { EmailPayload = Templated(id, data) }));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task No_server__mail_goes_to_the_folder__and_the_start_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("mail-").FullName;
        try
        {
            await using var service = await NotificationService.StartAsync(new() { ["Email:Folder"] = folder });
            Assert.Contains(service.Logs.Lines, line => line.Contains("Email:Host is not set", StringComparison.Ordinal) && line.Contains(folder, StringComparison.Ordinal));

            var reports = new JobReports();
            Assert.Equal(NotificationState.Stored, (await service.CompleteAsync(Some.Email(), reports)).Result);
            await service.CompleteAsync(Some.Email(), reports);

            var mail = await MimeMessage.LoadAsync(Assert.Single(Directory.GetFiles(folder)), TestContext.Current.CancellationToken);
            Assert.Equal("Your appointment", mail.Subject);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Neither_server_nor_folder__a_job_fails__and_the_start_says_so()
    {
        var database = await postgres.CreateDatabaseAsync();
        try
        {
            await using var service = await NotificationService.StartAsync(new() { [NotificationDatabase.ConnectionSetting] = database });
            Assert.Contains(service.Logs.Lines, line => line.Contains("Email:Host is not set: e-mail cannot be sent", StringComparison.Ordinal));

            var outcome = Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Email()));

            Assert.Contains("set Email:Host and Email:From", outcome.Reason, StringComparison.Ordinal);
        }
        finally
        {
            await postgres.DropDatabaseAsync(database);
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to__is_said_at_start()
    {
        var file = Path.GetTempFileName();
        try
        {
            var exception = await Assert.ThrowsAnyAsync<Exception>(() => NotificationService.StartAsync(new() { ["Email:Folder"] = Path.Combine(file, "mail") }));

            Assert.Contains("Email:Folder cannot be written to", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static Dictionary<string, string?> Settings(SmtpServer server) => new()
    {
        ["Email:Host"] = "localhost",
        ["Email:Port"] = $"{server.Port}",
        ["Email:Security"] = "None",
        ["Email:From"] = "White Cross <no-reply@hospital.test>",
    };

    private static EmailPayload Templated(string id, string data) => new()
    {
        Subject = "A subject",
        HtmlBody = "<p>unused</p>",
        TemplateId = id,
        TemplateData = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(data),
    };
}
