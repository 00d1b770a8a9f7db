using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>Attachments that go through a scanner: what is infected, and what cannot be scanned, is refused and leaves nothing.</summary>
public sealed class ScannerTests(PostgresServer postgres) : DeliveryTests(DatabaseKind.Sqlite, postgres), IAsyncDisposable
{
    private readonly ScannerServer _scanner = new();
    private readonly Guid _user = Guid.NewGuid();

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(300_000)]
    public async Task Clean__is_kept__and_the_scanner_has_seen_all_of_it(int size)
    {
        var content = new byte[size];
        Random.Shared.NextBytes(content);

        var (status, _) = await UploadAsync(content);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(content, Assert.Single(_scanner.Scanned));
        Assert.Single(Service.AttachmentFiles);
    }

    [Fact]
    public async Task Infected__is_refused_by_the_name_of_what_was_found__and_leaves_nothing()
    {
        _scanner.Verdict = content => Encoding.UTF8.GetString(content).Contains("EICAR", StringComparison.Ordinal) ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";

        var (status, text) = await UploadAsync("…EICAR…"u8.ToArray());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("Eicar-Test-Signature", text, StringComparison.Ordinal);
        await AssertNothingIsKeptAsync();
        Assert.Equal(HttpStatusCode.Created, (await UploadAsync("clean"u8.ToArray())).Status);
    }

    [Theory]
    [InlineData("INSTREAM size limit exceeded. ERROR")]
    [InlineData("stream:  FOUND")]
    [InlineData("")]
    [InlineData(null)]
    public async Task No_verdict__is_no_yes__the_upload_may_be_tried_again(string? verdict)
    {
        _scanner.Verdict = _ => verdict;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await UploadAsync([1, 2, 3])).Status);

        await AssertNothingIsKeptAsync();
    }

    [Fact]
    public async Task Scanner_that_breaks_off__or_is_away__is_a_503__and_nothing_is_half_done()
    {
        _scanner.BreaksOff = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await UploadAsync(new byte[200_000])).Status);
        await AssertNothingIsKeptAsync();

        await _scanner.DisposeAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await UploadAsync([1])).Status);
        await AssertNothingIsKeptAsync();
    }

    [Theory]
    [InlineData("AttachmentScanner:Port", "0")]
    [InlineData("AttachmentScanner:Timeout", "0")]
    public void Wrong_setting__is_said_at_start(string name, string value) => Assert.Contains(
        name.Split(':')[1],
        Assert.Throws<OptionsValidationException>(() => MessageDeliveryApp.Create(["--urls", "http://127.0.0.1:0"], builder => builder.Configuration[name] = value)).Message,
        StringComparison.Ordinal);

    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection([
        new("AttachmentScanner:Host", "127.0.0.1"), new("AttachmentScanner:Port", $"{_scanner.Port}"),
    ]);

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _scanner.DisposeAsync();
        await DisposeAsync();
    }

    private async Task<(HttpStatusCode Status, string Text)> UploadAsync(byte[] content)
    {
        using var response = await Service.Http.PostAsync($"/attachments?userId={_user}", new ByteArrayContent(content), Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private async Task AssertNothingIsKeptAsync()
    {
        await using var scope = Service.Services.CreateAsyncScope();
        Assert.Equal(0, await scope.ServiceProvider.GetRequiredService<MessagesDbContext>().Attachments.CountAsync(Token));
        Assert.Empty(Service.AttachmentFiles);
    }
}
