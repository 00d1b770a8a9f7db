using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>A wrong setting ends the start, and the error names it.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Email:Host", "Email:Host=smtp://mail.test;Email:From=a@b.test")]
    [InlineData("Email:Host", "Email:UserName=me;Email:Password=secret")]
    [InlineData("Email:From", "Email:Host=mail.test")]
    [InlineData("Email:From", "Email:Host=mail.test;Email:From=nobody")]
    [InlineData("Email:Password", "Email:Host=mail.test;Email:From=a@b.test;Email:UserName=me")]
    [InlineData("Email:Port", "Email:Host=mail.test;Email:From=a@b.test;Email:Port=70000")]
    [InlineData("Email:CertificateAuthority", "Email:CertificateAuthority=/no/such/file.pem")]
    [InlineData("Email:Templates", "Email:Templates=/no/such/folder")]
    [InlineData("Email:MaxConnections", "Email:MaxConnections=0")]
    [InlineData("Email:IdleTimeout", "Email:IdleTimeout=00:00:00")]
    [InlineData("Email:Timeout", "Email:Timeout=00:00:00")]
    [InlineData("Email:BreakDuration", "Email:BreakDuration=00:00:00")]
    [InlineData("Sms:AuthToken", "Sms:AccountSid=AC1")]
    [InlineData("Sms:From", "Sms:AccountSid=AC1;Sms:AuthToken=secret")]
    [InlineData("Sms:AccountSid", "Sms:From=%2B1")]
    [InlineData("Sms:MessagingServiceSid", "Sms:AccountSid=AC1;Sms:AuthToken=secret;Sms:From=%2B1;Sms:MessagingServiceSid=MG1")]
    [InlineData("Sms:BaseAddress", "Sms:BaseAddress=http://twilio.test")]
    [InlineData("Sms:BreakerMinimumThroughput", "Sms:BreakerMinimumThroughput=1")]
    [InlineData("Push:ServiceAccountFile", "Push:ServiceAccountFile=/no/such/key.json")]
    [InlineData("Push:ServiceAccountFile", "Push:ProjectId=white-cross")]
    [InlineData("Push:ServiceAccountJson", "Push:ServiceAccountJson={\"type\":\"service_account\",\"private_key\":\"secret\"}")]
    [InlineData("Push:ServiceAccountJson", "Push:ServiceAccountJson=secret")]
    [InlineData("Push:BaseAddress", "Push:BaseAddress=http://fcm.test")]
    [InlineData("Push:Parallelism", "Push:Parallelism=0")]
    [InlineData("Push:BreakerFailureRatio", "Push:BreakerFailureRatio=2")]
    public async Task Wrong_setting__is_named__and_no_secret_is(string named, string settings)
    {
        var values = settings.Split(';').Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => (string?)parts[1]);

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () => await (await NotificationService.StartAsync(values)).DisposeAsync());

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }
}
