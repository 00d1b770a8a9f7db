using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class AttachmentsOnSqliteTests(PostgresServer postgres) : AttachmentsTests(DatabaseKind.Sqlite, postgres);

public sealed class AttachmentsOnPostgresTests(PostgresServer postgres) : AttachmentsTests(DatabaseKind.Postgres, postgres)
{
    [Fact]
    public async Task Every_instance__serves_what_one_of_them_took()
    {
        await using var other = await DeliveryService.StartAsync(Database.ConnectionString);
        var user = Guid.NewGuid();
        var attachment = await UploadAsync(user, Scan);

        Assert.Equal(Scan, await other.Http.GetByteArrayAsync($"/attachments/{attachment.AttachmentId}?userId={user}", Token));
    }

    [Fact]
    public Task Stored_in_the_clear_in_the_database__they_are_sealed_there_too() => SealedLaterAsync(null, RestingAsync);

    private async Task<IReadOnlyList<byte[]>> RestingAsync()
    {
        await using var scope = Service.Services.CreateAsyncScope();
        await using var database = await scope.ServiceProvider.GetRequiredService<IDbContextFactory<PostgresMessagesDbContext>>().CreateDbContextAsync(Token);
        var chunks = await database.AttachmentChunks.AsNoTracking().OrderBy(chunk => chunk.Position).ToListAsync(Token);
        return [.. chunks.GroupBy(chunk => chunk.AttachmentId).Select(group => group.SelectMany(chunk => chunk.Bytes).ToArray())];
    }
}

public abstract class AttachmentsTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private const int MaxBytes = 1000;
    protected static readonly byte[] Scan = [.. Enumerable.Range(0, MaxBytes).Select(i => (byte)i)];

    [Fact]
    public async Task Uploaded__comes_back_to_its_uploader__as_a_download()
    {
        var user = Guid.NewGuid();

        var attachment = await UploadAsync(user, Scan, "image/png", "scan ü.png");
        using var response = await GetAsync(attachment.AttachmentId, user);

        Assert.Equal((MaxBytes, "image/png", "scan ü.png", DeliveryService.Start), (attachment.Size, attachment.ContentType, attachment.FileName, attachment.CreatedAt));
        Assert.Equal(Scan, await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("image/png", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(("attachment", "scan ü.png"), (response.Content.Headers.ContentDisposition?.DispositionType, response.Content.Headers.ContentDisposition?.FileNameStar));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Part_of_it__can_be_asked_for()
    {
        var user = Guid.NewGuid();
        var attachment = await UploadAsync(user, Scan);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/attachments/{attachment.AttachmentId}?userId={user}");
        request.Headers.Range = new RangeHeaderValue(10, 19);

        using var response = await Service.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(Scan[10..20], await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task Message_that_names_it__lets_its_recipient_see_it__who_may_pass_it_on()
    {
        var message = Some.Message();
        var attachment = await UploadAsync(message.SenderId, Scan);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(attachment.AttachmentId, message.RecipientId));

        await Service.SendAsync(message with { Attachments = [$"{attachment.AttachmentId}"] });
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(attachment.AttachmentId, message.RecipientId));

        var passedOn = Some.Message() with { SenderId = message.RecipientId, Attachments = [$"{attachment.AttachmentId}"] };
        await Service.SendAsync(passedOn);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(attachment.AttachmentId, passedOn.RecipientId));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(attachment.AttachmentId, Guid.NewGuid()));
    }

    [Fact]
    public async Task Naming_somebody_elses_or_none__fails_for_good_by_name__stores_nothing_and_opens_nothing()
    {
        var thief = Some.Message();
        var (own, attachment) = (await UploadAsync(thief.SenderId, Scan), await UploadAsync(Guid.NewGuid(), Scan));
        foreach (var wrong in new[] { $"{attachment.AttachmentId}", $"{Guid.NewGuid()}", "no id", "", $"{own.AttachmentId:N}", $"https://elsewhere/{own.AttachmentId}" })
        {
            var outcome = await Service.SendAsync(thief with { Attachments = [$"{own.AttachmentId}", wrong] });

            Assert.StartsWith("attachments[1]:", Assert.IsType<JobOutcome.Fail>(outcome).Reason, StringComparison.Ordinal);
            Assert.Null(await Service.StoredAsync(thief.MessageId));
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(attachment.AttachmentId, thief.SenderId));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(attachment.AttachmentId, thief.RecipientId));
    }

    [Fact]
    public async Task Too_large__is_refused_and_leaves_nothing__with_or_without_a_length()
    {
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/attachments?userId={Guid.NewGuid()}") { Content = new ByteArrayContent([.. Scan, 1]) };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await Service.Http.SendAsync(request, Token);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        Assert.Empty(await Service.KeptAttachmentsAsync());
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("  ")]
    public async Task Without_a_name__it_is_a_download_all_the_same(string name)
    {
        var user = Guid.NewGuid();
        var attachment = await UploadAsync(user, Scan, "text/html", name);

        using var response = await GetAsync(attachment.AttachmentId, user);

        Assert.Equal(("attachment", attachment.AttachmentId.ToString("N")), (response.Content.Headers.ContentDisposition?.DispositionType, response.Content.Headers.ContentDisposition?.FileName));
    }

    [Fact]
    public async Task Users_quota_is_used__is_said__others_still_upload()
    {
        await using var service = await DeliveryService.StartAsync(Database.ConnectionString, builder => builder.Configuration["Attachments:MaxBytesPerUser"] = "1500");
        var user = Guid.NewGuid();
        foreach (var (who, chunked, status) in new[]
        {
            (user, false, HttpStatusCode.Created), (user, false, HttpStatusCode.RequestEntityTooLarge), (user, true, HttpStatusCode.RequestEntityTooLarge), (Guid.NewGuid(), false, HttpStatusCode.Created),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/attachments?userId={who}") { Content = new ByteArrayContent(Scan) };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await service.Http.SendAsync(request, Token);
            Assert.Equal(status, response.StatusCode);
            Assert.True(status == HttpStatusCode.Created || (await response.Content.ReadAsStringAsync(Token)).Contains("MaxBytesPerUser", StringComparison.Ordinal));
        }

        Assert.Equal(2, (await service.KeptAttachmentsAsync()).Count);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\..\\boot.ini")]
    public async Task Name_is_never_a_path(string name)
    {
        var attachment = await UploadAsync(Guid.NewGuid(), Scan, fileName: name);

        Assert.Equal(attachment.AttachmentId.ToString("N"), Assert.Single(await Service.KeptAttachmentsAsync()));
        using var response = await Service.Http.GetAsync($"/attachments/{Uri.EscapeDataString(name)}?userId={Guid.NewGuid()}", Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/attachments", "userId")]
    [InlineData("/attachments?userId=3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b&fileName=a%0Ab", "fileName")]
    [InlineData("/attachments?userId=x&fileName=a&fileName=b", "fileName,userId")]
    public async Task Wrong_parameters__are_all_named(string path, string fields)
    {
        using var response = await Service.Http.PostAsync(path, new ByteArrayContent(Scan), Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<Microsoft.AspNetCore.Http.HttpValidationProblemDetails>(Token);
        Assert.Equal(fields.Split(','), problem!.Errors.Keys.Order());
    }

    [Fact]
    public async Task Directory_that_cannot_be_created__is_said_at_start()
    {
        var file = Path.GetTempFileName();
        try
        {
            var exception = await Assert.ThrowsAnyAsync<Exception>(() => DeliveryService.StartAsync(
                Database.ConnectionString, builder => builder.Configuration["Attachments:Directory"] = Path.Combine(file, "attachments")));

            Assert.Contains("Attachments:Directory", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(65_536, true)]
    [InlineData(65_537, true)]
    [InlineData(131_072, true)]
    [InlineData(200_000, true)]
    [InlineData(0, false)]
    [InlineData(65_537, false)]
    [InlineData(200_000, false)]
    public async Task Of_any_size__whole_and_in_part__sealed_or_not(int size, bool isSealed)
    {
        await using var service = await DeliveryService.StartAsync(Database.ConnectionString, builder => builder.Configuration[SealingKeys.Setting] = isSealed ? Ring("a", "a") : null);
        var (user, bytes) = (Guid.NewGuid(), new byte[size]);
        new Random(size).NextBytes(bytes);
        using var uploaded = await service.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent(bytes), Token);
        var attachment = (await uploaded.Content.ReadFromJsonAsync<AttachmentView>(Token))!;
        var path = $"/attachments/{attachment.AttachmentId}?userId={user}";

        Assert.Equal(size, attachment.Size);
        Assert.Equal(bytes, await service.Http.GetByteArrayAsync(path, Token));
        foreach (var (from, to) in new[] { (0, 0), (65_535, 65_537), (70_000, 199_999) }.Where(range => range.Item2 < size))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new RangeHeaderValue(from, to) } };
            using var response = await service.Http.SendAsync(request, Token);
            Assert.Equal(bytes[from..(to + 1)], await response.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Fact]
    public async Task In_a_directory__where_one_is_named__with_every_database()
    {
        var directory = Directory.CreateTempSubdirectory("attachments-test-").FullName;
        try
        {
            await using var service = await DeliveryService.StartAsync(Database.ConnectionString, builder => builder.Configuration["Attachments:Directory"] = directory);
            using var uploaded = await service.Http.PostAsync($"/attachments?userId={Guid.NewGuid()}", new ByteArrayContent(Scan), Token);

            Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
            Assert.Equal(Scan, await File.ReadAllBytesAsync(Assert.Single(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)), Token));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Sealed__nothing_of_it_rests_in_the_clear__and_what_was_changed_or_cut_is_not_given_out()
    {
        var directory = Directory.CreateTempSubdirectory("attachments-test-").FullName;
        try
        {
            await using var service = await SealedAsync(Ring("a", "a"), directory);
            var (user, bytes) = (Guid.NewGuid(), new byte[200_000]);
            new Random(1).NextBytes(bytes);
            using var uploaded = await service.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent(bytes), Token);
            var path = $"/attachments/{(await uploaded.Content.ReadFromJsonAsync<AttachmentView>(Token))!.AttachmentId}?userId={user}";
            var file = Assert.Single(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories));
            var resting = await File.ReadAllBytesAsync(file, Token);
            Assert.True(OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) == 0);

            for (var i = 0; i < bytes.Length; i += 1000)
            {
                Assert.Equal(-1, resting.AsSpan().IndexOf(bytes.AsSpan(i, 16)));
            }

            foreach (var meddled in new[] { resting[..^1], resting[..(2 * (65_536 + 16))], [.. resting[..100_000], (byte)(resting[100_000] ^ 1), .. resting[100_001..]] })
            {
                await File.WriteAllBytesAsync(file, meddled, Token);
                await Assert.ThrowsAnyAsync<Exception>(() => service.Http.GetByteArrayAsync(path, Token));
            }

            await File.WriteAllBytesAsync(file, resting, Token);
            Assert.Equal(bytes, await service.Http.GetByteArrayAsync(path, Token));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Keys_change__resealed_ones_open_with_the_new_key_alone__others_are_gone_and_say_so()
    {
        var directory = Directory.CreateTempSubdirectory("attachments-test-").FullName;
        try
        {
            var (user, paths) = (Guid.NewGuid(), new List<string>());
            await using (var before = await SealedAsync(Ring("a", "a"), directory))
            {
                for (var i = 0; i < 3; i++)
                {
                    using var uploaded = await before.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent(Scan), Token);
                    paths.Add($"/attachments/{(await uploaded.Content.ReadFromJsonAsync<AttachmentView>(Token))!.AttachmentId}?userId={user}");
                }
            }

            await using (var between = await SealedAsync(Ring("b", "a", "b"), directory))
            {
                using var some = await between.Http.PostAsJsonAsync("/internal/attachments/reseal", new { batchSize = 2 }, Token);
                var answer = (await some.Content.ReadFromJsonAsync<JsonObject>(Token))!;
                Assert.Equal((2, true, 0), (answer["changed"]!.GetValue<int>(), answer["nextCursor"] is not null, answer["damaged"]!.AsArray().Count));
                using var wrong = await between.Http.PostAsJsonAsync("/internal/attachments/reseal", new { batchSize = 0 }, Token);
                Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            }

            await using var after = await SealedAsync(Ring("b", "b"), directory);
            var statuses = new List<HttpStatusCode>();
            foreach (var path in paths)
            {
                using var answer = await after.Http.GetAsync(path, Token);
                statuses.Add(answer.StatusCode);
                if (answer.IsSuccessStatusCode)
                {
                    Assert.Equal(Scan, await answer.Content.ReadAsByteArrayAsync(Token));
                }
            }

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Gone], statuses.Order());
            using var rest = await after.Http.PostAsJsonAsync("/internal/attachments/reseal", new { batchSize = 10 }, Token);
            var left = (await rest.Content.ReadFromJsonAsync<JsonObject>(Token))!;
            Assert.Equal((0, 1), (left["changed"]!.GetValue<int>(), left["damaged"]!.AsArray().Count));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Stored_in_the_clear__they_are_sealed_at_the_next_start_with_keys__and_read_as_before()
    {
        var directory = Directory.CreateTempSubdirectory("attachments-test-").FullName;
        try
        {
            await SealedLaterAsync(directory, () => Task.FromResult<IReadOnlyList<byte[]>>([.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(File.ReadAllBytes)]));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Whoever_seals_an_attachment_and_dies__leaves_what_can_be_read_and_finished()
    {
        var directory = Directory.CreateTempSubdirectory("attachments-test-").FullName;
        try
        {
            var (user, bytes) = (Guid.NewGuid(), new byte[150_000]);
            new Random(2).NextBytes(bytes);
            var paths = new List<string>();
            await using (var service = await SealedAsync(Ring("a", "a"), directory))
            {
                for (var i = 0; i < 2; i++)
                {
                    using var uploaded = await service.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent(bytes), Token);
                    paths.Add($"/attachments/{(await uploaded.Content.ReadFromJsonAsync<AttachmentView>(Token))!.AttachmentId}?userId={user}");
                }

                // One whose content has not been replaced yet, and one whose mark has not been taken away.
                await WithRowsAsync(service, rows => rows.ExecuteUpdateAsync(set => set.SetProperty(row => row.SealedKey, row => "?" + row.SealedKey), Token));
                await File.WriteAllBytesAsync(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).First(), bytes, Token);
                foreach (var path in paths)
                {
                    Assert.Equal(bytes, await service.Http.GetByteArrayAsync(path, Token));
                }
            }

            await using var after = await SealedAsync(Ring("b", "a", "b"), directory);
            await Eventually.TrueAsync(() => WithRowsAsync(after, async rows => !await rows.AnyAsync(row => EF.Functions.Like(row.SealedKey, "?%"), Token)));
            Assert.All(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories), file => Assert.Equal(SealedLength(bytes.Length), new FileInfo(file).Length));
            foreach (var path in paths)
            {
                Assert.Equal(bytes, await after.Http.GetByteArrayAsync(path, Token));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Uploads without keys, then starts with keys, twice.</summary>
    protected async Task SealedLaterAsync(string? directory, Func<Task<IReadOnlyList<byte[]>>> restingAsync)
    {
        var (user, contents) = (Guid.NewGuid(), new Dictionary<string, byte[]>());
        await using (var before = await SealedAsync(null, directory))
        {
            foreach (var size in new[] { 0, 100, 65_536, 200_000 })
            {
                var bytes = new byte[size];
                new Random(size).NextBytes(bytes);
                using var uploaded = await before.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent(bytes), Token);
                contents[$"/attachments/{(await uploaded.Content.ReadFromJsonAsync<AttachmentView>(Token))!.AttachmentId}?userId={user}"] = bytes;
            }
        }

        Assert.Equal(contents.Values.Select(bytes => (long)bytes.Length), (await restingAsync()).Select(bytes => (long)bytes.Length).Order());
        IReadOnlyList<byte[]> first;
        await using (var after = await SealedAsync(Ring("a", "a"), directory))
        {
            await using var other = await SealedAsync(Ring("a", "a"), directory); // At the same time.
            await Eventually.TrueAsync(() => WithRowsAsync(after, async rows => await rows.AllAsync(row => row.SealedKey != null && !EF.Functions.Like(row.SealedKey, "?%"), Token)));
            first = await restingAsync();
            Assert.Equal(contents.Values.Select(bytes => SealedLength(bytes.Length)), first.Select(bytes => (long)bytes.Length).Order());
            foreach (var bytes in contents.Values.Where(bytes => bytes.Length >= 100))
            {
                Assert.All(first, file => Assert.Equal(-1, file.AsSpan().IndexOf(bytes.AsSpan(bytes.Length - 50, 50))));
            }

            await AssertReadAsync(after, contents);
        }

        await using var again = await SealedAsync(Ring("b", "a", "b"), directory);
        await AssertReadAsync(again, contents);
        Assert.Equal(first.Select(Convert.ToBase64String).Order(), (await restingAsync()).Select(Convert.ToBase64String).Order());
    }

    private protected static async Task<T> WithRowsAsync<T>(DeliveryService service, Func<IQueryable<Attachment>, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(work);
        await using var scope = service.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<MessagesDbContext>().Attachments);
    }

    // Each 64 KiB, and an empty one, has 16 bytes more.
    private static long SealedLength(int size) => size + (16 * Math.Max(1, (size + 65_535) / 65_536));

    private static async Task AssertReadAsync(DeliveryService service, Dictionary<string, byte[]> contents)
    {
        foreach (var (path, bytes) in contents)
        {
            Assert.Equal(bytes, await service.Http.GetByteArrayAsync(path, Token));
        }
    }

    private static string Ring(string current, params string[] keys) => JsonSerializer.Serialize(
        new { current, keys = keys.ToDictionary(key => key, key => Convert.ToBase64String([.. Enumerable.Repeat((byte)key[0], 32)])) });

    private Task<DeliveryService> SealedAsync(string? ring, string? directory) => DeliveryService.StartAsync(Database.ConnectionString, builder =>
    {
        builder.Configuration[SealingKeys.Setting] = ring;
        if (directory is not null)
        {
            builder.Configuration["Attachments:Directory"] = directory;
        }
    });

    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Attachments:MaxBytes"] = $"{MaxBytes}";

    private protected async Task<AttachmentView> UploadAsync(Guid user, byte[] bytes, string contentType = "application/pdf", string fileName = "a.pdf")
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var response = await Service.Http.PostAsync($"/attachments?userId={user}&fileName={Uri.EscapeDataString(fileName)}", content, Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<AttachmentView>(Token))!;
    }

    private Task<HttpResponseMessage> GetAsync(Guid id, Guid user) => Service.Http.GetAsync($"/attachments/{id}?userId={user}", Token);

    private async Task<HttpStatusCode> StatusAsync(Guid id, Guid user)
    {
        using var response = await GetAsync(id, user);
        return response.StatusCode;
    }
}
