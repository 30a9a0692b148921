//! s3s-fs behind one door: it looks whether an object is there and then writes it, and two requests at once could both
//! pass the look. One request at a time makes a conditional write what it is on S3.
//!
//! Usage: `s3-server FOLDER`; prints its port, and serves until it is killed. Every folder in FOLDER is a bucket.

use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::sync::Mutex;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).expect("the folder is there"));
    builder.set_auth(SimpleAuth::from_single("test", "test-secret"));
    let service = builder.build();
    let door = Arc::new(Mutex::new(()));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (service, door) = (service.clone(), Arc::clone(&door));
        tokio::spawn(async move {
            let one = service_fn(move |request| {
                let (service, door) = (service.clone(), Arc::clone(&door));
                async move {
                    let _turn = door.lock().await;
                    Service::call(&service, request).await
                }
            });
            // a client that goes away is no news
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), one).await;
        });
    }
}
