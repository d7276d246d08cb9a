//! Each stage of reading by itself, on one core: `cargo bench` in this folder. Bytes a second are clear bytes, but for decryption, where they
//! are those of the message.

use std::hint::black_box;
use std::io::{self, Read as _};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use czar_formats::database_file::{Header, parse_row};
use czar_formats::forum::parse_document;
use czar_formats::tracking_log::{FingerprintKey, parse_line};
use czar_stages::{Load, Stages};
use czar_vault::{DecryptOptions, SecretKeys, decrypt, inflate};

fn lines(clear: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', clear).map(move |end| {
        let line = &clear[start..end];
        start = end + 1;
        line
    })
}

fn decryption(criterion: &mut Criterion, keys: &SecretKeys, log: &Stages) {
    let mut group = criterion.benchmark_group("vault");
    group.throughput(Throughput::Bytes(log.encrypted.len() as u64));
    group.bench_function("decrypt", |bencher| {
        bencher.iter(|| {
            let mut message = decrypt(&log.encrypted[..], keys, DecryptOptions { max_clear_bytes: None }).expect("our own message");
            io::copy(&mut message, &mut io::sink()).expect("whole")
        });
    });
    group.throughput(Throughput::Bytes(log.clear.len() as u64));
    group.bench_function("inflate", |bencher| {
        let mut buffer = vec![0; 1 << 16];
        bencher.iter(|| {
            let mut stream = inflate(&log.packed[..]).expect("our own file");
            let mut n_bytes = 0;
            loop {
                match stream.read(&mut buffer).expect("whole") {
                    0 => return n_bytes,
                    n => n_bytes += n,
                }
            }
        });
    });
    group.finish();
}

fn formats(criterion: &mut Criterion, load: &Load) {
    let mut group = criterion.benchmark_group("formats");
    group.sample_size(30);

    let log = &load.tracking_log.clear;
    group.throughput(Throughput::Bytes(log.len() as u64));
    group.bench_function("tracking_log::parse_line", |bencher| {
        bencher.iter(|| lines(log).filter_map(|line| black_box(parse_line(line)).ok().flatten()).count());
    });
    group.bench_function("tracking_log::fingerprint", |bencher| {
        let key = FingerprintKey::derived_from("a lake");
        bencher.iter(|| lines(log).fold(0, |sum, line| sum ^ key.fingerprint(black_box(line)).first));
    });

    let table = &load.studentmodule.clear;
    let end = table.iter().position(|&byte| byte == b'\n').unwrap_or(table.len());
    let header = Header::parse("courseware_studentmodule", &table[..end]).expect("our own header");
    let rows = table.get(end + 1..).unwrap_or_default();
    let layout = header.layout(rows);
    group.throughput(Throughput::Bytes(rows.len() as u64));
    group.bench_function("database_file::parse_row", |bencher| {
        bencher.iter(|| layout.records(rows).filter_map(|record| black_box(parse_row(&header, &layout, &record)).ok().flatten()).count());
    });

    let forum = &load.forum.clear;
    group.throughput(Throughput::Bytes(forum.len() as u64));
    group.bench_function("forum::parse_document", |bencher| {
        bencher.iter(|| lines(forum).filter_map(|line| black_box(parse_document(line)).ok().flatten()).count());
    });
    group.finish();
}

fn stages(criterion: &mut Criterion) {
    let load = Load::make().expect("room for temporary files");
    decryption(criterion, &load.keys, &load.tracking_log);
    formats(criterion, &load);
}

criterion_group!(benches, stages);
criterion_main!(benches);
